// Plays a scenario with the official Node SDK; prints one line of JSON a call. See client.py.

const sdk = require('node-appwrite');

// Puts what earlier calls answered in the place of ${name.key}.
function filled(value, known) {
    if (Array.isArray(value)) return value.map(item => filled(item, known));
    if (value && typeof value === 'object') {
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, known)]));
    }
    const match = typeof value === 'string' && value.match(/^\$\{(\w+)\.(.+)\}$/);
    return match ? known[match[1]][match[2]] : value;
}

// The names of a method's parameters; none if it takes one object.
function parameters(method) {
    const inside = method.toString().match(/\(([^)]*)\)/)[1];
    const names = inside.split(',').map(name => name.trim()).filter(name => name);
    return names[0] === 'paramsOrFirst' ? null : names;
}

async function main() {
    const scenario = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    const client = new sdk.Client()
        .setEndpoint(scenario.endpoint).setProject(scenario.project).setKey(scenario.key);
    let answer;
    const call = client.call.bind(client);
    client.call = async (...args) => {
        const read = await call(...args);
        // The newest version wraps what is no JSON, and an answer of 204 is none.
        const none = !read || typeof read !== 'object' || (Object.keys(read).join() === 'message' && !read.message);
        answer = none ? null : JSON.parse(JSON.stringify(read));
        return read;
    };
    const users = new sdk.Users(client);
    const own = Object.getOwnPropertyNames(sdk.Users.prototype).filter(name => name !== 'constructor');
    const called = new Set();
    const known = scenario.known;
    for (const [number, step] of scenario.steps.entries()) {
        const names = [step.method, ...(step.aliases ?? [])].filter(name => own.includes(name));
        for (const [alias, name] of names.entries()) {
            const args = filled(step.args ?? {}, known);
            if (args.queries) {
                args.queries = args.queries.map(([method, ...words]) => sdk.Query[method](...words));
            }
            const order = parameters(users[name]);
            called.add(name);
            const line = { step: number, method: name, again: alias > 0 };
            try {
                answer = null;
                if (order === null) await users[name](args);
                else await users[name](...order.map(parameter => args[parameter]));
                line.answer = answer;
                if (step.save) known[step.save] = answer;
            } catch (error) {
                if (!(error instanceof sdk.AppwriteException)) throw error;
                line.error = { code: error.code, type: error.type, message: error.message };
            }
            console.log(JSON.stringify(line));
        }
    }
    console.log(JSON.stringify({ missed: own.filter(name => !called.has(name)).sort() }));
}

main().catch(error => { console.error(error); process.exit(1); });
