//! A manager's calls, one after the other; first_manager is one that stays.

fn main() -> Result<(), actors_registry::RegistryError> {
    let client = actors_registry::RegistryClient::new("MyManager", "tcp://localhost:5555");
    client.start_heartbeat();
    client.register("MyActor", "tcp://localhost:5556")?;
    let endpoint = client.lookup("OtherActor")?; // or NotFound, Offline, Timeout, ConnectionError
    println!("{endpoint}");
    Ok(()) // a client that is dropped says goodbye
}
