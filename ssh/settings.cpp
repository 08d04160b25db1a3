#include "ssh/settings.hpp"

#include "ssh/alike_hosts.hpp"
#include "ssh/connection.hpp"
#include "ssh/jump_chain.hpp"
#include "ssh/program.hpp"
#include "ssh/settings_dump.hpp"

#include <algorithm>

namespace ssh {

namespace {

/// From so many hosts on it may save something to see which are alike.
constexpr std::size_t many_hosts = 4;

std::vector<std::string> command_line(const Target& target, bool verbose) {
  std::vector<std::string> words{"ssh", "-G"};
  if (verbose) words.emplace_back("-v");
  if (target.user) words.insert(words.end(), {"-l", *target.user});
  if (target.port) words.insert(words.end(), {"-p", std::to_string(*target.port)});
  words.insert(words.end(), {"--", target.host});
  return words;
}

/// The last line that says something: `ssh -G` warns first and dies last.
std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  const auto before = text.rfind('\n');
  return one_line(before == std::string_view::npos ? text : text.substr(before + 1));
}

std::variant<Settings, Error> read(const SettingsQuery& query, const ProgramResult& result) {
  const auto failed = [](const std::string& how) { return Error(ErrorClass::settings, "ssh -G " + how); };
  switch (result.end) {
  case ProgramResult::End::exited:
    if (result.exit_status == 0) return settings_from_dump(query, result.output);
    return failed("fails: " + last_line(result.error_output));
  case ProgramResult::End::not_found: return default_settings(query);
  case ProgramResult::End::timed_out:
    return failed("does not end within " + std::to_string(settings_timeout.count() / 1000) + " s");
  case ProgramResult::End::killed: return failed("was killed");
  case ProgramResult::End::not_started: break;
  }
  return failed("can't be started: " + result.problem);
}

std::vector<ProgramResult> ask_ssh(std::span<const Target> targets, bool verbose) {
  std::vector<std::vector<std::string>> command_lines;
  command_lines.reserve(targets.size());
  for (const auto& target : targets)
    command_lines.push_back(command_line(target, verbose));
  return run_programs(command_lines, settings_timeout);
}

std::vector<std::variant<Settings, Error>> ask(std::span<const SettingsQuery> queries) {
  std::vector<Target> targets;
  targets.reserve(queries.size());
  for (const auto& query : queries)
    targets.push_back(query.target);
  const bool sort = queries.size() >= many_hosts && ssh_is_no_script();
  const auto results = sort ? ask_once_for_alike(targets, ask_ssh) : ask_ssh(targets, false);
  std::vector<std::variant<Settings, Error>> settings;
  settings.reserve(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i)
    settings.push_back(read(queries[i], results[i]));
  return settings;
}

} // namespace

std::vector<std::variant<Settings, Error>> effective_settings(std::span<const SettingsQuery> queries) {
  auto settings = ask(queries);
  add_jumps(settings, ask);
  return settings;
}

} // namespace ssh
