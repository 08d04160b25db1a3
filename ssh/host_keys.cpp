#include "ssh/host_keys.hpp"

#include "ssh/connection.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/known_hosts_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <sstream>
#include <utility>

namespace ssh {

namespace {

/// The names that a host is looked up by, in order: OpenSSH, too, takes a line without a port for a host on
/// another port, where no line with that port says anything.
std::vector<std::string> lookup_names(const Settings& settings) {
  if (!settings.host_key_alias.empty()) return {settings.host_key_alias};
  std::vector<std::string> names{known_hosts::lookup_name(settings.hostname, settings.port)};
  if (settings.port != 22) names.push_back(known_hosts::lookup_name(settings.hostname, 22));
  return names;
}

using Visit = std::function<void(const known_hosts::Line&, const std::string& where)>;

void for_each_line(const Settings& settings, const std::string& name, const Visit& visit) {
  auto files = settings.user_known_hosts;
  files.insert(files.end(), settings.global_known_hosts.begin(), settings.global_known_hosts.end());
  for (const auto& file : files) {
    const auto text = known_hosts::read_file(file);
    for (const auto& line : known_hosts::parse(text)) {
      if (known_hosts::matches(line, name)) visit(line, file + ":" + std::to_string(line.number));
    }
  }
}

KeyVerdict judge_by_name(const Settings& settings, const std::string& name, const HostKey& key) {
  // One place for each standing; the first line of a kind counts.
  std::string known, changed, revoked, authority;
  const auto note = [](std::string& place, const std::string& where) {
    if (place.empty()) place = where;
  };
  for_each_line(settings, name, [&](const known_hosts::Line& line, const std::string& where) {
    const bool same = known_hosts::same_key(line.base64, key.base64);
    switch (line.marker) {
    case known_hosts::Marker::revoked:
      if (same) note(revoked, where);
      break;
    case known_hosts::Marker::cert_authority: note(authority, where); break;
    case known_hosts::Marker::none:
      if (same)
        note(known, where);
      else if (line.key_type == key.type)
        note(changed, where);
      break;
    case known_hosts::Marker::unknown: break;
    }
  });
  if (!revoked.empty()) return {KeyStanding::revoked, revoked, authority};
  if (!known.empty()) return {KeyStanding::known, known, authority};
  if (!changed.empty()) return {KeyStanding::changed, changed, authority};
  return {KeyStanding::unknown, {}, authority};
}

/// Where RevokedHostKeys has the key; empty where it does not. A file that can't be read might have it.
std::string revoked_at(const std::string& file, const HostKey& key) {
  if (file.empty()) return {};
  if (::access(file.c_str(), R_OK) != 0)
    throw Error(ErrorClass::settings, "can't read RevokedHostKeys " + file + ": " + std::strerror(errno));
  std::istringstream lines(known_hosts::read_file(file));
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (number == 1 && line == "SSHKRL")
      throw Error(ErrorClass::settings,
                  "RevokedHostKeys " + file + " is a binary list (KRL), which can't be read",
                  "list the keys as text there, one a line");
    if (line.find_first_not_of(" \t") != std::string::npos && line[line.find_first_not_of(" \t")] == '#')
      continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (known_hosts::same_key(word, key.base64)) return file + ":" + std::to_string(number);
    }
  }
  return {};
}

} // namespace

KeyVerdict judge_host_key(const Settings& settings, const HostKey& key) {
  if (auto where = revoked_at(settings.revoked_host_keys, key); !where.empty())
    return {KeyStanding::revoked, std::move(where), {}};
  const auto names = lookup_names(settings);
  auto verdict = judge_by_name(settings, names.front(), key);
  if (names.size() == 1 || verdict.standing == KeyStanding::revoked) return verdict;
  auto plain = judge_by_name(settings, names.back(), key);
  const bool fallback = plain.standing == KeyStanding::known && verdict.standing == KeyStanding::unknown;
  if (fallback || plain.standing == KeyStanding::revoked) return plain;
  return verdict;
}

std::string require_known_host_key(const Settings& settings, const HostKey& key) {
  const auto verdict = judge_host_key(settings, key);
  switch (verdict.standing) {
  case KeyStanding::known: return verdict.where;
  case KeyStanding::revoked: throw Error(ErrorClass::host_key, "host key revoked (" + verdict.where + ")");
  case KeyStanding::changed:
    throw Error(ErrorClass::host_key, "host key changed (" + verdict.where + ")",
                "actorsctl hosts trust --replace");
  case KeyStanding::unknown: break;
  }
  auto what = "host key unknown (" + key.fingerprint + ")";
  if (!verdict.authority.empty())
    what += "; the certificate authority in " + verdict.authority +
            " is not asked, certificates are not supported";
  throw Error(ErrorClass::host_key, what, "actorsctl hosts trust");
}

std::vector<std::string> known_key_types(const Settings& settings) {
  std::vector<std::string> types;
  for (const auto& name : lookup_names(settings)) {
    for_each_line(settings, name, [&](const known_hosts::Line& line, const std::string&) {
      const std::string type(line.key_type);
      if (line.marker == known_hosts::Marker::none &&
          std::find(types.begin(), types.end(), type) == types.end())
        types.push_back(type);
    });
    if (!types.empty()) break;
  }
  return types;
}

HostKey fetch_host_key(const Settings& settings, Stream stream, Deadline deadline) {
  return Connection::open(settings, std::move(stream), deadline).host_key();
}

std::string trust_host_key(const Settings& settings, const HostKey& key, bool replace) {
  const auto verdict = judge_host_key(settings, key);
  if (verdict.standing == KeyStanding::revoked)
    throw Error(ErrorClass::host_key, "host key revoked (" + verdict.where + ")");
  if (verdict.standing == KeyStanding::known) return verdict.where.substr(0, verdict.where.rfind(':'));
  if (verdict.standing == KeyStanding::changed && !replace)
    throw Error(ErrorClass::host_key, "host key changed (" + verdict.where + ")",
                "actorsctl hosts trust --replace");
  if (settings.user_known_hosts.empty())
    throw Error(ErrorClass::settings,
                "UserKnownHostsFile is none: there is no file to write the host key to");
  const auto name = lookup_names(settings).front();
  const auto& file = settings.user_known_hosts.front();
  // The new line first: at no moment is the host without one.
  known_hosts::append_line(file, (settings.hash_known_hosts ? known_hosts::hash_name(name) : name) + " " +
                                     key.type + " " + key.base64);
  if (replace) {
    for (const auto& each : settings.user_known_hosts)
      known_hosts::remove_other_keys(each, name, key.base64);
  }
  return file;
}

} // namespace ssh
