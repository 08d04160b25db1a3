#include "config/draft.hpp"
#include "config/rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>

// The tables `host_keys` and `top_keys` here and `manager_keys` beside are the whole list of known keys.
namespace config {
namespace {

/// A rule of another folder's: it throws.
template<class Rule>
auto by_rule_of(const Rule& check) {
  return [&check](const std::string& text) -> std::string {
    if (auto why = why_not_text(text); !why.empty()) return why;
    try {
      if (check) check(text);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return {};
  };
}

bool is_word(const Node& node, std::string_view word) {
  return node.kind == Node::Kind::string && node.string == word;
}

// --- a host
// ----------------------------------------------------------------------------------------------------

void read_ssh(Reader& reader, const Node& node, DraftHost& into) {
  if (is_word(node, "local")) {
    into.host.ssh.clear();
  } else if (auto target = reader.text(node, by_rule_of(reader.checks.ssh_target))) {
    into.host.ssh = std::move(*target);
  }
}

/// `none`, or hops with commas between them (ssh_config(5)).
void read_proxy_jump(Reader& reader, const Node& node, DraftHost& into) {
  const auto rule = by_rule_of(reader.checks.jump_host);
  into.host.proxy_jump = reader.text(node, [&](const std::string& hops) -> std::string {
    if (hops == "none") return {};
    for (std::size_t from = 0, comma = 0; comma != std::string::npos; from = comma + 1) {
      comma = hops.find(',', from);
      if (auto why = rule(hops.substr(from, comma - from)); !why.empty()) return "a hop: " + why;
    }
    return {};
  });
}

/// A target, or `USER@`: that user at the host of `ssh`.
void read_deploy_ssh(Reader& reader, const Node& node, DraftHost& into) {
  into.host.deploy_ssh.reset();
  if (is_word(node, "auto")) return;
  const auto rule = by_rule_of(reader.checks.ssh_target);
  into.host.deploy_ssh = reader.text(node, [&](const std::string& target) {
    return rule(target.ends_with('@') ? target + "host" : target);
  });
}

constexpr std::array<Key<DraftHost>, 9> host_keys{{
    {"ssh", read_ssh},
    {"identity_file",
     [](Reader& r, const Node& n, DraftHost& h) { h.host.identity_file = r.text(n, why_not_text); }},
    {"known_hosts",
     [](Reader& r, const Node& n, DraftHost& h) { h.host.known_hosts = r.text(n, why_not_text); }},
    {"proxy_jump", read_proxy_jump},
    {"connect_timeout_s",
     [](Reader& r, const Node& n, DraftHost& h) {
       if (const auto seconds = r.seconds(n)) h.host.connect_timeout_s = seconds;
     }},
    {"command_timeout_s",
     [](Reader& r, const Node& n, DraftHost& h) {
       h.host.command_timeout_s = r.seconds(n).value_or(h.host.command_timeout_s);
     }},
    {"privilege",
     [](Reader& r, const Node& n, DraftHost& h) {
       constexpr std::array values{Privilege::automatic, Privilege::none, Privilege::sudo};
       if (const auto word = r.word(n, {"auto", "none", "sudo"})) h.host.privilege = values.at(*word);
     }},
    {"deploy_ssh", read_deploy_ssh},
    {"managers", read_managers}, // the last: `defaults` knows all but this
}};

void read_host(Reader& reader, const Node& node, Draft& draft) {
  if (auto why = why_not_id(node.key); !why.empty()) reader.fault(node.key_at, "a host's name " + why);
  auto& added = draft.hosts.emplace_back(draft.defaults);
  added.host.name = node.key;
  read_table<DraftHost>(reader, node, host_keys, added);
}

// --- the file
// --------------------------------------------------------------------------------------------------

std::string why_not_connect(std::string_view text) {
  return why_not_endpoint(text, EndpointUse::connect);
}

/// One endpoint or a list of them.
template<class Rule>
std::vector<std::string> read_endpoints(Reader& reader, const Node& node, Rule why_not) {
  std::vector<std::string> endpoints;
  for (auto& [endpoint, at] : reader.texts(node, why_not, true)) {
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end())
      reader.fault(at, in_quotes(endpoint) + " stands twice");
    endpoints.push_back(std::move(endpoint));
  }
  if (node.kind == Node::Kind::array && node.children.empty())
    reader.fault(node, "expected at least one endpoint");
  return endpoints;
}

/// A key whose default is written "off" in the manual may be written so in the file.
bool is_off(const Node& node) {
  return is_word(node, "off");
}

std::string read_endpoint(Reader& reader, const Node& node) {
  return is_off(node) ? std::string() : reader.text(node, why_not_bind).value_or("");
}

void read_metrics_endpoint(Reader& reader, const Node& node, Draft& draft) {
  draft.metrics_endpoint_at = node.at;
  if (is_off(node)) return;
  if (const auto text = reader.text(node, why_not_metrics_endpoint))
    draft.config.metrics_endpoint = metrics_address(*text);
}

void read_forget_offline_after(Reader& reader, const Node& node, Draft& draft) {
  if (!is_off(node)) draft.config.forget_offline_after_s = reader.seconds(node);
}

void read_mass_timeout_guard(Reader& reader, const Node& node, Draft& draft) {
  if (is_off(node)) return;
  draft.config.mass_timeout_guard = reader.number(node, 0, 1, "'off' or a share of the managers from 0 to 1");
}

void read_guard_max(Reader& reader, const Node& node, Draft& draft) {
  draft.config.guard_max_s = reader.seconds(node).value_or(draft.config.guard_max_s);
}

/// An empty name keeps the state in memory.
void read_data_dir(Reader& reader, const Node& node, Draft& draft) {
  draft.config.data_dir.clear();
  if (is_word(node, "")) return;
  const auto path = reader.text(node);
  if (path && path->front() != '/') reader.fault(node, "expected an absolute path, or \"\" for memory");
  draft.config.data_dir = path.value_or("");
}

void read_durability(Reader& reader, const Node& node, Draft& draft) {
  constexpr std::array values{Durability::normal, Durability::full};
  if (const auto word = reader.word(node, {"normal", "full"})) draft.config.durability = values.at(*word);
}

void read_takeover(Reader& reader, const Node& node, Draft& draft) {
  constexpr std::array values{Takeover::offline, Takeover::never};
  if (const auto word = reader.word(node, {"offline", "never"})) draft.config.takeover = values.at(*word);
}

std::optional<std::uint64_t> read_count(Reader& reader, const Node& node, std::int64_t least,
                                        std::int64_t most) {
  const auto count = reader.whole(node, least, most);
  return count ? std::optional(static_cast<std::uint64_t>(*count)) : std::nullopt;
}

constexpr std::array<Key<Limits>, 9> limit_keys{{
    {"message_bytes",
     [](Reader& r, const Node& n, Limits& l) { l.message_bytes = read_count(r, n, 1024, 1'048'576); }},
    {"names", [](Reader& r, const Node& n, Limits& l) { l.names = read_count(r, n, 1, 1'000'000'000); }},
    {"managers",
     [](Reader& r, const Node& n, Limits& l) { l.managers = read_count(r, n, 1, 1'000'000'000); }},
    {"actors_per_manager",
     [](Reader& r, const Node& n, Limits& l) { l.actors_per_manager = read_count(r, n, 1, 1'000'000'000); }},
    {"peer_queue",
     [](Reader& r, const Node& n, Limits& l) { l.peer_queue = read_count(r, n, 10, 1'000'000); }},
    {"push_connections",
     [](Reader& r, const Node& n, Limits& l) { l.push_connections = read_count(r, n, 1, 10'000); }},
    {"connections", [](Reader& r, const Node& n, Limits& l) { l.connections = read_count(r, n, 1, 1e9); }},
    {"peer_connections",
     [](Reader& r, const Node& n, Limits& l) { l.peer_connections = read_count(r, n, 1, 1e9); }},
    {"peer_messages_s",
     [](Reader& r, const Node& n, Limits& l) { l.peer_messages_s = read_count(r, n, 1, 1e9); }},
}};

void read_reply_networks(Reader& reader, const Node& node, Draft& draft) {
  for (auto& [network, at] : reader.texts(node, why_not_network, false))
    draft.config.reply_networks.push_back(std::move(network));
}

constexpr std::array<Key<Draft>, 20> top_keys{{
    {"$schema", [](Reader& r, const Node& n, Draft&) { r.text(n); }},
    {"registry_endpoint",
     [](Reader& r, const Node& n, Draft& d) {
       d.registry_endpoint_at = n.at;
       d.config.registry_endpoint = read_endpoints(r, n, why_not_bind);
     }},
    {"registry_connect",
     [](Reader& r, const Node& n, Draft& d) {
       d.registry_connect_at = n.at;
       d.config.registry_connect = read_endpoints(r, n, why_not_connect);
     }},
    {"actor_endpoint",
     [](Reader& r, const Node& n, Draft& d) {
       d.actor_endpoint_at = n.at;
       d.config.actor_endpoint = read_endpoint(r, n);
     }},
    {"events_endpoint",
     [](Reader& r, const Node& n, Draft& d) {
       d.events_endpoint_at = n.at;
       d.config.events_endpoint = read_endpoint(r, n);
     }},
    {"metrics_endpoint", read_metrics_endpoint},
    {"heartbeat_timeout_s",
     [](Reader& r, const Node& n, Draft& d) {
       d.heartbeat_times_at = n.at;
       d.config.heartbeat_timeout_s = r.seconds(n).value_or(d.config.heartbeat_timeout_s);
     }},
    {"heartbeat_check_interval_s",
     [](Reader& r, const Node& n, Draft& d) {
       d.heartbeat_times_at = n.at;
       d.config.heartbeat_check_interval_s = r.seconds(n).value_or(d.config.heartbeat_check_interval_s);
     }},
    {"data_dir", read_data_dir},
    {"durability", read_durability},
    {"takeover", read_takeover},
    {"forget_offline_after_s", read_forget_offline_after},
    {"mass_timeout_guard", read_mass_timeout_guard},
    {"guard_max_s", read_guard_max},
    {"limits",
     [](Reader& r, const Node& n, Draft& d) { read_table<Limits>(r, n, limit_keys, d.config.limits); }},
    {"security", read_security},
    {"reply_networks", read_reply_networks},
    {"settle_s", [](Reader& r, const Node& n,
                    Draft& d) { d.config.settle_s = r.seconds(n, 0).value_or(d.config.settle_s); }},
    {"defaults", [](Reader&, const Node&, Draft&) {}}, // read before the others
    {"hosts", [](Reader& r, const Node& n,
                 Draft& d) { r.members(n, [&](const Node& host) { read_host(r, host, d); }); }},
}};

} // namespace

Draft read_keys(Reader& reader, const Node& document) {
  Draft draft;
  if (!reader.is(document, Node::Kind::object, "an object")) return draft;
  // `defaults` holds for all hosts, wherever it stands: it is read first.
  const auto defaults = std::find_if(document.children.begin(), document.children.end(),
                                     [](const Node& member) { return member.key == "defaults"; });
  if (defaults != document.children.end()) {
    const Reader::In in(reader, defaults->key);
    const std::span<const Key<DraftHost>> keys(host_keys);
    read_table<DraftHost>(reader, *defaults, keys.first(keys.size() - 1), draft.defaults);
  }
  read_table<Draft>(reader, document, top_keys, draft);
  return draft;
}

} // namespace config
