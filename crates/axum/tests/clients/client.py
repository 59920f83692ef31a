"""Plays a scenario with the official Python SDK; prints one line of JSON a call.

The scenario comes as JSON on standard input. A method is looked for by its name in snake case; arguments that the
installed version does not know are left out. What is printed is the answer as it came, after the SDK has read it.
"""

import inspect
import json
import re
import sys

from appwrite.client import Client
from appwrite.exception import AppwriteException
from appwrite.services.users import Users

try:
    from appwrite.query import Query
except ImportError:  # The oldest version has no queries.
    Query = None


def snake(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def filled(value, known):
    """Puts what earlier calls answered in the place of ${name.key}."""
    if isinstance(value, dict):
        return {key: filled(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    match = re.fullmatch(r"\$\{(\w+)\.(.+)\}", value) if isinstance(value, str) else None
    return known[match[1]][match[2]] if match else value


def query(words):
    method, *arguments = words
    return getattr(Query, snake(method))(*arguments)


def main():
    scenario = json.load(sys.stdin)
    client = Client()
    client.set_endpoint(scenario["endpoint"]).set_project(scenario["project"]).set_key(scenario["key"])
    answers = []
    call = client.call

    def recorded(*arguments, **named):
        answers.append(call(*arguments, **named))
        # The newest version changes what it reads.
        answers[-1] = json.loads(json.dumps(answers[-1])) if isinstance(answers[-1], dict) else None
        return json.loads(json.dumps(answers[-1])) if answers[-1] is not None else b""

    client.call = recorded
    users = Users(client)
    public = {name for name, _ in inspect.getmembers(Users, inspect.isfunction) if not name.startswith("_")}
    called = set()
    known = scenario["known"]
    for number, step in enumerate(scenario["steps"]):
        names = [step["method"], *step.get("aliases", [])]
        names = [name for name in dict.fromkeys(map(snake, names)) if name in public]
        for alias, name in enumerate(names):
            method = getattr(users, name)
            parameters = inspect.signature(method).parameters
            arguments = {snake(key): value for key, value in filled(step.get("args", {}), known).items()}
            arguments = {key: value for key, value in arguments.items() if key in parameters}
            if "queries" in arguments:
                arguments["queries"] = [query(words) for words in arguments["queries"]]
            called.add(name)
            line = {"step": number, "method": name, "again": alias > 0}
            try:
                method(**arguments)
                line["answer"] = answers[-1]
                if "save" in step:
                    known[step["save"]] = answers[-1]
            except AppwriteException as error:
                line["error"] = {"code": error.code, "type": error.type, "message": str(error.message)}
            print(json.dumps(line))
    print(json.dumps({"missed": sorted(public - called)}))


main()
