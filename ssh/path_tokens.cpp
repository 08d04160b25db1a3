#include "ssh/path_tokens.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace ssh {

namespace {

struct Account {
  std::string name, home;
};

/// The user `name`, or the one who runs this. OpenSSH takes the home from here as well, not from HOME.
Account account(const char* name = nullptr) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (name != nullptr)
    ::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found);
  else
    ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return {};
  return {entry.pw_name, entry.pw_dir};
}

std::string local_host() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

std::optional<std::string> token(char letter, const Settings& settings) {
  switch (letter) {
  case '%': return "%";
  case 'd': return account().home;
  case 'h': return settings.hostname;
  case 'i': return std::to_string(::getuid());
  case 'k': return settings.host_key_alias.empty() ? settings.alias : settings.host_key_alias;
  case 'l': return local_host();
  case 'L': return local_host().substr(0, local_host().find('.'));
  case 'n': return settings.alias;
  case 'p': return std::to_string(settings.port);
  case 'r': return settings.user;
  case 'u': return account().name;
  default: return std::nullopt;
  }
}

std::string expand_tilde(const std::string& path) {
  if (path.empty() || path.front() != '~') return path;
  const auto slash = std::min(path.find('/'), path.size());
  const auto name = path.substr(1, slash - 1);
  const auto home = name.empty() ? account().home : account(name.c_str()).home;
  return home.empty() ? path : home + path.substr(slash);
}

/// `${NAME}` at the place; empty where it is malformed or the variable is not set.
std::optional<std::string> variable(std::string_view text, std::size_t& at) {
  const auto end = text.find('}', at);
  if (end == std::string_view::npos) return std::nullopt;
  const char* value = std::getenv(std::string(text.substr(at + 2, end - at - 2)).c_str());
  if (value == nullptr) return std::nullopt;
  at = end;
  return value;
}

/// Replaces the path; false where something in it is not understood.
bool expand(std::string& path, const Settings& settings) {
  const auto text = expand_tilde(path);
  std::string expanded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::optional<std::string> value;
    if (text[at] == '%' && at + 1 < text.size())
      value = token(text[++at], settings);
    else if (text[at] == '$' && at + 1 < text.size() && text[at + 1] == '{')
      value = variable(text, at);
    else
      value = std::string(1, text[at]);
    if (!value) return false;
    expanded += *value;
  }
  path = expanded;
  return true;
}

/// IdentityAgent may also name an environment variable, `$NAME`.
void expand_agent_variable(std::string& agent) {
  if (agent.size() < 2 || agent[0] != '$' || agent[1] == '{') return;
  const char* value = std::getenv(agent.c_str() + 1);
  agent = value == nullptr || *value == '\0' ? "none" : value;
}

/// A word that a shell takes as it is, quoted or not.
bool plain_word(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char byte) {
    return byte <= ' ' || byte == 0x7f ||
           std::string_view("'`\"$\\;&<>|(){}*?!#[]").find(static_cast<char>(byte)) != std::string_view::npos;
  });
}

} // namespace

std::string expand_command(std::string_view command, const Settings& settings) {
  std::string expanded;
  for (std::size_t at = 0; at < command.size(); ++at) {
    if (command[at] != '%') {
      expanded += command[at];
      continue;
    }
    const auto value = at + 1 < command.size() ? token(command[++at], settings) : std::nullopt;
    if (!value)
      throw Error(ErrorClass::settings,
                  "ProxyCommand " + std::string(command) + " (ssh_config): a token that is not known");
    if (!plain_word(*value))
      throw Error(ErrorClass::settings, "ProxyCommand " + std::string(command) +
                                            " (ssh_config): a name in it would mean something to the shell");
    expanded += *value;
  }
  return expanded;
}

std::string current_user() {
  return account().name;
}

std::optional<Error> expand_paths(Settings& settings) {
  const auto unknown = [](const char* name, const std::string& path) {
    return Error(ErrorClass::settings,
                 std::string(name) + " " + path + ": a token or variable that is not known");
  };
  for (auto& path : settings.identity_files) {
    if (!expand(path, settings)) return unknown("IdentityFile", path);
  }
  for (auto& path : settings.certificate_files) {
    if (!expand(path, settings)) return unknown("CertificateFile", path);
  }
  for (auto* list : {&settings.user_known_hosts, &settings.global_known_hosts}) {
    for (auto& path : *list)
      path = expand_tilde(path); // `ssh -G` has expanded the rest
  }
  settings.revoked_host_keys = expand_tilde(settings.revoked_host_keys);
  expand_agent_variable(settings.identity_agent);
  settings.identity_agent = expand_tilde(settings.identity_agent);
  return std::nullopt;
}

} // namespace ssh
