#include "ssh/settings_dump.hpp"

#include "ssh/path_tokens.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace ssh {

namespace {

using Value = std::string_view;

bool is_none(Value value) {
  return value.empty() || value == "none";
}
bool is_yes(Value value) {
  return value == "yes" || value == "true";
}

std::vector<std::string> split(Value text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0 && !is_none(text.substr(0, end))) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

template<class Number>
Number number(Value text, Number otherwise) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : otherwise;
}

int address_family(Value value) {
  if (value == "inet") return AF_INET;
  return value == "inet6" ? AF_INET6 : AF_UNSPEC;
}

void add_identity(Settings& settings, Value value) {
  if (!is_none(value)) settings.identity_files.emplace_back(value);
}
void add_certificate(Settings& settings, Value value) {
  if (!is_none(value)) settings.certificate_files.emplace_back(value);
}

void set_connect_timeout(Settings& settings, Value value) {
  const auto seconds = number<std::int32_t>(value, 0);
  if (seconds > 0) settings.connect_timeout = std::chrono::seconds(seconds);
}

/// What `ssh -G` prints where ssh_config names no key: several files, all of them these.
bool are_default_identities(const std::vector<std::string>& files) {
  constexpr std::array<Value, 7> kinds{"rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk", "xmss", "dsa"};
  constexpr Value begin = "~/.ssh/id_";
  return files.size() > 2 && std::all_of(files.begin(), files.end(), [&](Value file) {
           return file.substr(0, begin.size()) == begin &&
                  std::find(kinds.begin(), kinds.end(), file.substr(begin.size())) != kinds.end();
         });
}

/// A setting that we take over. Names are ssh_config(5)'s, in lower case as `ssh -G` prints them. Paths with
/// blanks come through in identityfile (one a line), but not in the lists of known_hosts files, which `ssh
/// -G` prints joined by blanks: such a file is then not found, and its hosts are unknown.
struct Taken {
  Value name;
  void (*take)(Settings&, Value);
};

constexpr std::array taken{
    Taken{"hostname", [](Settings& s, Value v) { s.hostname = v; }},
    Taken{"user", [](Settings& s, Value v) { s.user = v; }},
    Taken{"port", [](Settings& s, Value v) { s.port = number<std::uint16_t>(v, 22); }},
    Taken{"addressfamily", [](Settings& s, Value v) { s.address_family = address_family(v); }},
    Taken{"hostkeyalias", [](Settings& s, Value v) { s.host_key_alias = v; }},
    Taken{"userknownhostsfile", [](Settings& s, Value v) { s.user_known_hosts = split(v); }},
    Taken{"globalknownhostsfile", [](Settings& s, Value v) { s.global_known_hosts = split(v); }},
    Taken{"hashknownhosts", [](Settings& s, Value v) { s.hash_known_hosts = is_yes(v); }},
    Taken{"identityfile", add_identity},
    Taken{"certificatefile", add_certificate},
    Taken{"identitiesonly", [](Settings& s, Value v) { s.identities_only = is_yes(v); }},
    Taken{"identityagent", [](Settings& s, Value v) { s.identity_agent = v; }},
    Taken{"hostkeyalgorithms", [](Settings& s, Value v) { s.host_key_algorithms = v; }},
    Taken{"kexalgorithms", [](Settings& s, Value v) { s.kex_algorithms = v; }},
    Taken{"ciphers", [](Settings& s, Value v) { s.ciphers = v; }},
    Taken{"macs", [](Settings& s, Value v) { s.macs = v; }},
    Taken{"pubkeyacceptedalgorithms", [](Settings& s, Value v) { s.public_key_algorithms = v; }},
    Taken{"revokedhostkeys", [](Settings& s, Value v) { s.revoked_host_keys = is_none(v) ? "" : v; }},
    Taken{"proxyjump", [](Settings& s, Value v) { s.proxy_jump = is_none(v) ? "" : v; }},
    Taken{"proxycommand", [](Settings& s, Value v) { s.proxy_command = is_none(v) ? "" : v; }},
    Taken{"connecttimeout", set_connect_timeout},
    Taken{"requiredrsasize", [](Settings& s, Value v) { s.required_rsa_size = number(v, 0); }},
};

bool harmless_methods(Value value) {
  return is_none(value) || ("," + std::string(value) + ",").find(",publickey,") != std::string::npos;
}
bool not_no(Value value) {
  return value != "no" && value != "false";
}

/// A setting that changes whom we trust, reach or are, and that this version can't honour: an error unless
/// its value is harmless. Not here, since ignoring them makes us no less strict or is no matter of trust:
/// StrictHostKeyChecking (always strict), VerifyHostKeyDNS, CheckHostIP, NoHostAuthenticationForLocalhost,
/// UpdateHostKeys, HostbasedAuthentication, ControlPath, Compression, SendEnv and their like. HostName's
/// tokens and CanonicalizeHostname have been worked in by `ssh -G` itself.
struct Refused {
  Value name, shown;
  bool (*harmless)(Value);
};

constexpr std::array refused{
    Refused{"knownhostscommand", "KnownHostsCommand", is_none},
    Refused{"bindaddress", "BindAddress", is_none},
    Refused{"bindinterface", "BindInterface", is_none},
    Refused{"preferredauthentications", "PreferredAuthentications", harmless_methods},
    Refused{"pubkeyauthentication", "PubkeyAuthentication", not_no},
};

std::optional<Error> refuse(Value name, Value value) {
  const auto* entry =
      std::find_if(refused.begin(), refused.end(), [&](const Refused& each) { return each.name == name; });
  if (entry == refused.end() || entry->harmless(value)) return std::nullopt;
  return Error(ErrorClass::settings,
               std::string(entry->shown) + " " + std::string(value) + " (ssh_config) can't be honoured",
               "set it otherwise for this host in ssh_config");
}

void take(Settings& settings, Value name, Value value) {
  const auto* entry =
      std::find_if(taken.begin(), taken.end(), [&](const Taken& each) { return each.name == name; });
  if (entry != taken.end()) entry->take(settings, value);
}

/// Our own configuration on top; then the tokens, which may stand for what was just set.
std::variant<Settings, Error> complete(Settings settings, const SettingsQuery& query) {
  const auto& overrides = query.overrides;
  if (overrides.proxy_jump || query.through_a_jump) {
    settings.proxy_jump = is_none(overrides.proxy_jump.value_or("")) ? "" : *overrides.proxy_jump;
    settings.proxy_command.clear();
  }
  settings.default_identities = are_default_identities(settings.identity_files);
  if (overrides.identity_file) {
    settings.identity_files = {*overrides.identity_file};
    settings.default_identities = false;
  }
  if (overrides.known_hosts) {
    settings.user_known_hosts = {*overrides.known_hosts};
    settings.global_known_hosts.clear();
  }
  if (settings.identity_agent.empty()) settings.identity_agent = "SSH_AUTH_SOCK";
  if (settings.user.empty()) return Error(ErrorClass::settings, "no user to log in as");
  if (const auto problem = expand_paths(settings)) return *problem;
  return settings;
}

} // namespace

std::variant<Settings, Error> settings_from_dump(const SettingsQuery& query, std::string_view dump) {
  Settings settings;
  settings.alias = query.target.host;
  settings.hostname = query.target.host;
  while (!dump.empty()) {
    const auto end = std::min(dump.find('\n'), dump.size());
    const auto line = dump.substr(0, end);
    dump.remove_prefix(std::min(end + 1, dump.size()));
    const auto blank = std::min(line.find(' '), line.size());
    const auto name = line.substr(0, blank);
    const auto value = line.substr(std::min(blank + 1, line.size()));
    if (auto error = refuse(name, value)) return *error;
    take(settings, name, value);
  }
  return complete(std::move(settings), query);
}

std::variant<Settings, Error> default_settings(const SettingsQuery& query) {
  Settings settings;
  settings.alias = query.target.host;
  settings.hostname = query.target.host;
  settings.port = query.target.port.value_or(22);
  settings.user = query.target.user ? *query.target.user : current_user();
  settings.identity_files = {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"};
  settings.user_known_hosts = {"~/.ssh/known_hosts"};
  settings.global_known_hosts = {"/etc/ssh/ssh_known_hosts"};
  settings.notes.emplace_back("there is no ssh program here: ssh_config is not read");
  return complete(std::move(settings), query);
}

} // namespace ssh
