#include "config/trusted_clients.hpp"

#include "config/document.hpp"
#include "config/load.hpp"
#include "config/placed.hpp"
#include "config/reader.hpp"
#include "config/rules.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <unordered_map>

namespace config {
namespace {

using Patterns = std::optional<std::vector<std::string>>;

struct ClientDraft {
  TrustedClient client;
  std::size_t key_at = 0;
};

struct Drafts {
  std::vector<ClientDraft> clients;
};

std::string why_not_curve_key(std::string_view text) {
  return is_curve_key(text) ? "" : "expected a public key of 40 characters (Z85)";
}

template<Patterns TrustedClient::*Member>
void read_patterns(Reader& reader, const Node& node, ClientDraft& into) {
  auto& patterns = (into.client.*Member).emplace();
  for (auto& [pattern, at] : reader.texts(node, why_not_text, false))
    patterns.push_back(std::move(pattern));
}

constexpr std::array<Key<ClientDraft>, 6> trusted_client_keys{{
    {"key",
     [](Reader& r, const Node& n, ClientDraft& d) {
       d.key_at = n.at;
       d.client.key = r.text(n, why_not_curve_key).value_or("");
     }},
    {"register", read_patterns<&TrustedClient::register_names>},
    {"lookup", read_patterns<&TrustedClient::look_up>},
    {"unregister", read_patterns<&TrustedClient::unregister>},
    {"list", read_patterns<&TrustedClient::list>},
    {"managers", read_patterns<&TrustedClient::managers>},
}};

void read_client(Reader& reader, const Node& node, Drafts& drafts) {
  if (auto why = why_not_id(node.key); !why.empty()) reader.fault(node.key_at, "a client's name " + why);
  const auto faults_before = reader.faults.size();
  auto& added = drafts.clients.emplace_back();
  added.client.name = node.key;
  read_table<ClientDraft>(reader, node, trusted_client_keys, added);
  if (added.key_at == 0 && reader.faults.size() == faults_before) reader.fault(node.key_at, "has no 'key'");
}

void check_keys_once(Reader& reader, const Drafts& drafts) {
  std::unordered_map<std::string_view, const ClientDraft*> seen;
  for (const auto& draft : drafts.clients) {
    if (draft.client.key.empty()) continue;
    const auto [first, is_new] = seen.emplace(draft.client.key, &draft);
    if (!is_new)
      reader.faults.push_back(
          {draft.key_at, "clients." + printable(draft.client.name) + ".key",
           "client " + config::in_quotes(first->second->client.name) + " has this key already"});
  }
}

constexpr std::array<Key<Drafts>, 1> clients_file_keys{{
    {"clients", [](Reader& r, const Node& n,
                   Drafts& d) { r.members(n, [&](const Node& client) { read_client(r, client, d); }); }},
}};

} // namespace

std::vector<TrustedClient> parse_clients(std::string_view text, const std::string& path) {
  text = without_byte_order_mark(text);
  const Lines lines(text);
  const Node document = document_of(path, text, lines);
  const Checks none;
  Reader reader(none, lines);
  Drafts drafts;
  read_table<Drafts>(reader, document, clients_file_keys, drafts);
  check_keys_once(reader, drafts);
  if (!reader.faults.empty()) throw Error(path, placed(std::move(reader.faults), lines));
  std::vector<TrustedClient> clients;
  for (auto& draft : drafts.clients)
    clients.push_back(std::move(draft.client));
  return clients;
}

std::vector<TrustedClient> load_clients(const std::string& path) {
  return parse_clients(read_file(path), path);
}

std::string text_of(const std::vector<TrustedClient>& clients) {
  nlohmann::ordered_json json;
  json["clients"] = nlohmann::ordered_json::object();
  for (const auto& client : clients) {
    auto& one = json["clients"][client.name];
    one["key"] = client.key;
    const auto add = [&one](const char* key, const Patterns& patterns) {
      if (patterns) one[key] = *patterns;
    };
    add("register", client.register_names);
    add("lookup", client.look_up);
    add("unregister", client.unregister);
    add("list", client.list);
    add("managers", client.managers);
  }
  constexpr int indent = 2;
  return json.dump(indent) + "\n";
}

} // namespace config
