//! What this client costs (tests/conformance/README.md, "Benchmarks of the clients").

use actors_registry::RegistryClient;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const NAME: &str = "OrderProcessor";
const NAMES_REGISTERED: usize = 10_000;

struct Options {
    endpoint: String,
    rounds: u32,
    round: Duration,
    quiet: Duration,
}

fn options() -> Outcome<Options> {
    let mut arguments = env::args().skip(1);
    let mut options = Options {
        endpoint: arguments.next().ok_or("no endpoint")?,
        rounds: 8,
        round: Duration::from_millis(500),
        quiet: Duration::from_secs(10),
    };
    while let Some(option) = arguments.next() {
        let number: u32 = arguments
            .next()
            .ok_or_else(|| format!("{option} needs a number"))?
            .parse()?;
        match option.as_str() {
            "--rounds" => options.rounds = number.max(1),
            "--milliseconds" => options.round = Duration::from_millis(u64::from(number.max(1))),
            "--seconds" => options.quiet = Duration::from_secs(u64::from(number.max(1))),
            _ => return Err(format!("unknown option {option}").into()),
        }
    }
    Ok(options)
}

/// How often a second it can be done.
fn rate(time: Duration, mut once: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let begun = Instant::now();
    let mut times = 0_u32;
    while begun.elapsed() < time {
        once()?;
        times += 1;
    }
    Ok(f64::from(times) / begun.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}

/// Sends what the client sends, and does no more than to receive.
fn bare_lookup(socket: &zmq::Socket, id: &mut u64) -> Outcome<()> {
    *id += 1;
    let request = format!(r#"{{"message_type":"LookupActor","actor_name":"{NAME}","request_id":{id}}}"#);
    socket.send(request.as_bytes(), 0)?;
    socket.recv_msg(0)?;
    Ok(())
}

fn lookups(options: &Options) -> Outcome<()> {
    let client = RegistryClient::new("Bench", options.endpoint.as_str());
    let context = zmq::Context::new();
    let socket = context.socket(zmq::REQ)?;
    socket.set_linger(0)?;
    socket.set_rcvtimeo(5000)?;
    socket.connect(&options.endpoint)?;
    let mut id = 0;
    let mut through_client = || client.lookup(NAME).map(drop).map_err(Into::into);
    let mut bare = || bare_lookup(&socket, &mut id);
    through_client()?; // both are connected
    bare()?;
    let (mut client_rates, mut bare_rates) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        if round % 2 == 0 {
            client_rates.push(rate(options.round, &mut through_client)?);
        }
        bare_rates.push(rate(options.round, &mut bare)?);
        if round % 2 == 1 {
            client_rates.push(rate(options.round, &mut through_client)?);
        }
    }
    let (through_client, bare) = (median(client_rates), median(bare_rates));
    let ratio = through_client / bare;
    println!(
        "lookups    client {through_client:.0}/s  bare REQ {bare:.0}/s  ratio {ratio:.3}  (target >= 0.85)"
    );
    Ok(())
}

fn registrations(options: &Options) -> Outcome<()> {
    let mut best = Duration::MAX;
    for call in 0..3 {
        let client = RegistryClient::new(format!("Bench{call}"), options.endpoint.as_str());
        let actor = |i| {
            (
                format!("bench.{call}.{i}"),
                format!("tcp://127.0.0.1:{}", 1 + i % 65_535),
            )
        };
        let actors: Vec<(String, String)> = (0..NAMES_REGISTERED).map(actor).collect();
        let begun = Instant::now();
        let results = client.register_many(&actors)?;
        best = best.min(begun.elapsed());
        results.into_iter().collect::<Result<(), _>>()?;
        client.forget();
    }
    println!(
        "register   {NAMES_REGISTERED} in one call: {} ms",
        best.as_millis()
    );
    Ok(())
}

/// CPU time of this process so far, with all its threads (proc(5): nanoseconds on a CPU).
fn cpu_time() -> Outcome<Duration> {
    let mut time = Duration::ZERO;
    for thread in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        time += Duration::from_nanos(text.split(' ').next().unwrap_or_default().parse()?);
    }
    Ok(time)
}

fn heartbeats(options: &Options) -> Outcome<()> {
    let client = RegistryClient::new("Bench", options.endpoint.as_str());
    client.start_heartbeat();
    thread::sleep(Duration::from_millis(200)); // the first one connects
    let before = cpu_time()?;
    thread::sleep(options.quiet);
    let share = (cpu_time()? - before).as_secs_f64() / options.quiet.as_secs_f64();
    println!("heartbeat  {:.3} % of a core  (target <= 0.1 %)", share * 100.0);
    client.forget();
    Ok(())
}

fn bench() -> Outcome<()> {
    let options = options()?;
    lookups(&options)?;
    registrations(&options)?;
    heartbeats(&options)
}

fn main() -> ExitCode {
    if let Err(error) = bench() {
        eprintln!("client_bench: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
