#pragma once

#include "actors/registry/RegistryClient.hpp"

#include <chrono>
#include <map>
#include <string>

/// What the example programs of one actor have in common.
namespace actor_program {

/// TERM and INT ask for the end from now on, and interrupt what waits for messages.
void watch_signals();
bool is_asked_to_end();

/// The options of a command line: `--name value`, repeatedly. \param defaults all that there are.
/// \throws std::invalid_argument for what is none of them, or has no value.
std::map<std::string, std::string> parse_options(int count, char** words,
                                                 std::map<std::string, std::string> defaults);

/// \throws std::invalid_argument where it is none from 1 on.
int parse_count(const std::string& text);

/// $REGISTRY_ENDPOINT, or the usual one.
std::string usual_registry();

/// A line on stdout, at once.
void print(const std::string& line);
/// A line on stderr.
void log(const std::string& program, const std::string& line);

/// Starts the heartbeats and registers the actor, again and again until the registry takes it or the end is
/// asked for.
void join_registry(actors::registry::RegistryClient& client, const std::string& program,
                   const std::string& actor_name, const std::string& endpoint);

/// Where the actor is, once it is online; empty where that is not so now.
std::string find(actors::registry::RegistryClient& client, const std::string& program,
                 const std::string& actor_name);

} // namespace actor_program
