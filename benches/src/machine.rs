//! The machine that figures are of.

#![expect(clippy::print_stdout, reason = "a bench reports what it found")]

/// The name of its CPU, its cores, and the features that kernels look at.
pub fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let name = line.map_or("a CPU of unknown name", |line| line.trim_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let features = rollbook_kernels::cpu::features();
    format!("{name}, {cores} cores, {features}; load {}", load.join(" "))
}

/// Keeps the kernels to what a lesser CPU has, if the arguments say so: `--avx2` or `--portable`.
pub fn limit_kernels(arguments: &[String]) {
    use rollbook_kernels::cpu::{Level, cap};

    for (argument, level) in [("--avx2", Level::Avx2), ("--portable", Level::Portable)] {
        if arguments.iter().any(|given| given == argument) {
            cap(level);
            println!("kernels: {level:?} at most");
        }
    }
}
