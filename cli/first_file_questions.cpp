#include "cli/first_file_questions.hpp"

#include "cli/output.hpp"
#include "config/load.hpp"
#include "controller/load_config.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <stdexcept>

namespace cli {
namespace {

using config::FirstFile;

/// Of two that have the same name, or the same service on a host: said here without a line of a file that is
/// not there.
std::string clash_of(const FirstFile& file) {
  std::vector<std::string> hosts;
  std::vector<std::string> ids;
  const auto is_new = [](std::vector<std::string>& seen, const std::string& name) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return false;
    seen.push_back(name);
    return true;
  };
  for (const auto& host : file.hosts) {
    if (!is_new(hosts, host.name)) return "there is a host '" + host.name + "' already";
    std::vector<std::string> services;
    for (const auto& manager : host.managers) {
      if (!is_new(ids, manager.id)) return "there is a manager '" + manager.id + "' already";
      if (!is_new(services, manager.service)) return "another manager there has this service already";
    }
  }
  return {};
}

/// \param instead what an empty answer means
std::string ask(const std::string& question, const std::string& instead) {
  const auto line = question + " [" + instead + "]: ";
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    std::fputc('\n', stderr);
    throw std::runtime_error("the answers ended too early; nothing was written");
  }
  const auto begin = answer.find_first_not_of(" \t");
  return begin == std::string::npos ? "" : answer.substr(begin, answer.find_last_not_of(" \t") - begin + 1);
}

/// Asks until the answer makes a file without a problem. False where nothing was answered.
template<class Change>
bool ask_until_right(FirstFile& file, const std::string& question, const std::string& instead,
                     const Change& change) {
  while (true) {
    const auto answer = ask(question, instead);
    auto changed = file;
    std::string problem;
    try {
      change(changed, answer);
      problem = problem_of(changed);
    } catch (const std::invalid_argument& error) {
      problem = error.what();
    }
    if (problem.empty()) {
      file = std::move(changed);
      return !answer.empty();
    }
    complain(problem);
  }
}

bool ask_for_manager(FirstFile& file) {
  const auto& host = file.hosts.back();
  const std::string which = host.managers.empty() ? "A manager" : "Another manager";
  return ask_until_right(file, which + " on " + harmless(host.name) + ", ID=SERVICE", "no more",
                         [](FirstFile& changed, const std::string& answer) {
                           if (!answer.empty()) add_manager(changed.hosts.back(), answer);
                         });
}

bool ask_for_host(FirstFile& file) {
  const std::string which = file.hosts.empty() ? "A host of managers" : "Another host";
  const bool named = ask_until_right(file, which + ", by a name of your choice", "no more",
                                     [](FirstFile& changed, const std::string& answer) {
                                       if (!answer.empty()) changed.hosts.push_back({answer, "local", {}});
                                     });
  if (!named) return false;
  const auto name = file.hosts.back().name;
  ask_until_right(file, "How SSH reaches it, user@host[:port], or 'local' for this machine", harmless(name),
                  [&](FirstFile& changed, const std::string& answer) {
                    changed.hosts.back().ssh = answer.empty() ? name : answer;
                  });
  while (ask_for_manager(file)) {
  }
  return true;
}

} // namespace

std::string registry_endpoint(std::string_view answer) {
  std::string endpoint(answer);
  if (endpoint.find("://") != std::string::npos) return endpoint;
  const auto after_address = endpoint.find(']'); // of an IPv6 one
  const auto colon = endpoint.find(':', after_address == std::string::npos ? 0 : after_address);
  return "tcp://" + endpoint + (colon == std::string::npos ? ":5555" : "");
}

void add_manager(FirstFile::Host& host, std::string_view said) {
  const auto equals = said.rfind('='); // a unit's name has none
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == said.size())
    throw std::invalid_argument("expected ID=SERVICE, as in OrderProcessor=order-processor.service");
  host.managers.push_back({std::string(said.substr(0, equals)), std::string(said.substr(equals + 1))});
}

std::string problem_of(const FirstFile& file) {
  if (auto clash = clash_of(file); !clash.empty()) return clash;
  try {
    controller::parse_config(config::text_of(file), "");
    return {};
  } catch (const config::Error& error) {
    const auto& fault = error.faults().front();
    return fault.key + ": " + fault.message;
  }
}

FirstFile ask_for_first_file() {
  FirstFile file;
  ask_until_right(file, "Where managers reach the registry, HOST[:PORT]", "this machine only",
                  [](FirstFile& changed, const std::string& answer) {
                    changed.registry = answer.empty() ? "" : registry_endpoint(answer);
                  });
  while (ask_for_host(file)) {
  }
  return file;
}

} // namespace cli
