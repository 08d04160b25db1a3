#include "config/draft.hpp"
#include "config/rules.hpp"

#include <algorithm>
#include <array>

namespace config {
namespace {

struct Both {
  Security& security;
  DraftSecurity& draft;
};

std::string why_not_file(std::string_view text) {
  if (auto why = why_not_text(text); !why.empty()) return why;
  return text.front() == '/' ? "" : "expected an absolute path";
}

std::string why_not_key_or_file(std::string_view text) {
  if (auto why = why_not_text(text); !why.empty()) return why;
  const bool good = text.front() == '/' || is_curve_key(text);
  return good ? "" : "expected a public key of 40 characters (Z85), or a file's absolute path";
}

/// True, or which ones.
void read_curve_endpoints(Reader& reader, const Node& node, Both& into) {
  into.draft.has_endpoints = true;
  if (node.kind == Node::Kind::boolean) {
    into.security.curve_everywhere = node.boolean;
    if (!node.boolean) reader.fault(node, "expected true or a list of endpoints; without CURVE leave it out");
    return;
  }
  if (node.kind != Node::Kind::array) {
    reader.fault(node, "expected true or a list of endpoints");
    return;
  }
  for (auto& [endpoint, at] : reader.texts(node, why_not_bind, false)) {
    into.security.curve_endpoints.push_back(std::move(endpoint));
    into.draft.endpoints_at.push_back(at);
  }
  if (node.children.empty()) reader.fault(node, "expected at least one endpoint");
}

constexpr std::array<Key<Both>, 3> curve_keys{{
    {"endpoints", read_curve_endpoints},
    {"key_file",
     [](Reader& r, const Node& n, Both& b) { b.security.key_file = r.text(n, why_not_file).value_or(""); }},
    {"clients_file", [](Reader& r, const Node& n,
                        Both& b) { b.security.clients_file = r.text(n, why_not_file).value_or(""); }},
}};

constexpr std::array<Key<Both>, 2> client_keys{{
    {"server_key",
     [](Reader& r, const Node& n, Both& b) {
       b.security.client_server_key = r.text(n, why_not_key_or_file).value_or("");
     }},
    {"key_file", [](Reader& r, const Node& n,
                    Both& b) { b.security.client_key_file = r.text(n, why_not_file).value_or(""); }},
}};

void read_curve(Reader& reader, const Node& node, Both& into) {
  into.draft.curve_at = node.key_at;
  into.draft.has_curve = true;
  read_table<Both>(reader, node, curve_keys, into);
}

void read_allow(Reader& reader, const Node& node, Both& into) {
  reader.members(node, [&](const Node& member) {
    if (auto why = why_not_bind(member.key); !why.empty()) reader.fault(member.key_at, std::move(why));
    AllowedNetworks allowed{member.key, {}};
    for (auto& [network, at] : reader.texts(member, why_not_network, false))
      allowed.networks.push_back(std::move(network));
    into.security.allow.push_back(std::move(allowed));
    into.draft.allow_at.push_back(member.key_at);
  });
}

void read_client(Reader& reader, const Node& node, Both& into) {
  read_table<Both>(reader, node, client_keys, into);
  if (into.security.client_server_key.empty() && !into.security.client_key_file.empty())
    reader.fault(node.key_at, "has no 'server_key', without which no key is used");
}

constexpr std::array<Key<Both>, 4> security_keys{{
    {"curve", read_curve},
    {"allow", read_allow},
    {"require", [](Reader& r, const Node& n, Both& b) { b.security.require = r.boolean(n).value_or(false); }},
    {"client", read_client},
}};

std::vector<std::string_view> names_of(const std::vector<NamedEndpoint>& bound) {
  std::vector<std::string_view> names;
  for (const auto& one : bound)
    names.emplace_back(one.endpoint);
  return names;
}

void check_is_bound(Reader& reader, const std::vector<NamedEndpoint>& bound, const std::string& endpoint,
                    std::size_t at, const char* key) {
  const auto names = names_of(bound);
  if (std::find(names.begin(), names.end(), endpoint) != names.end()) return;
  const auto near = nearest(endpoint, names);
  reader.faults.push_back({at, key,
                           "no endpoint of the registry is " + in_quotes(endpoint) +
                               (near.empty() ? "" : ", did you mean " + in_quotes(near) + "?")});
}

void check_curve(Reader& reader, const Draft& draft) {
  const auto& security = draft.config.security;
  if (!draft.security.has_curve) return;
  const auto missing = [&](const char* key) {
    reader.faults.push_back({draft.security.curve_at, "security.curve", std::string("has no '") + key + "'"});
  };
  if (!draft.security.has_endpoints) missing("endpoints");
  if (security.key_file.empty()) missing("key_file");
  if (security.clients_file.empty()) missing("clients_file");
}

std::size_t place_of(const Draft& draft, std::string_view key) {
  if (key == "actor_endpoint") return draft.actor_endpoint_at;
  if (key == "events_endpoint") return draft.events_endpoint_at;
  return draft.registry_endpoint_at;
}

} // namespace

void read_security(Reader& reader, const Node& node, Draft& into) {
  Both both{into.config.security, into.security};
  read_table<Both>(reader, node, security_keys, both);
}

void check_security(Reader& reader, const Draft& draft) {
  check_curve(reader, draft);
  const auto& security = draft.config.security;
  const auto bound = bound_endpoints(draft.config);
  for (std::size_t i = 0; i < security.curve_endpoints.size(); ++i)
    check_is_bound(reader, bound, security.curve_endpoints[i], draft.security.endpoints_at[i],
                   "security.curve.endpoints");
  for (std::size_t i = 0; i < security.allow.size(); ++i) {
    const auto at = draft.security.allow_at[i];
    check_is_bound(reader, bound, security.allow[i].endpoint, at, "security.allow");
    if (security.allow[i].endpoint.starts_with("ipc://"))
      reader.faults.push_back(
          {at, "security.allow", "an ipc endpoint has no networks: the rights of its file decide"});
  }
  if (!security.require) return;
  for (const auto& note : exposed_of(draft))
    reader.faults.push_back({note.at, note.key, note.message + " (security.require)"});
}

std::vector<Note> exposed_of(const Draft& draft) {
  std::vector<Note> notes;
  for (const auto& [key, endpoint] : open_endpoints(draft.config))
    notes.push_back({place_of(draft, key), key, why_exposed(endpoint)});
  return notes;
}

} // namespace config
