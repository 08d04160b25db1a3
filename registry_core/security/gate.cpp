#include "registry_core/security/gate.hpp"

#include "registry_core/protocol/names.hpp"
#include "registry_core/reachable_endpoint.hpp"
#include "registry_core/security/peer_connection.hpp"

#include <utility>

namespace registry_core {

namespace {

std::string from(std::string_view address) {
  return address.empty() ? "this machine" : std::string(address);
}

std::string_view property(zmq::message_t& message, const char* name) {
  const char* const value = zmq_msg_gets(message.handle(), name);
  return value ? value : "";
}

/// The first denial of what restricted() has made.
std::string denial_in(const protocol::Request& request) {
  if (const auto* refusal = std::get_if<protocol::Refusal>(&request)) return refusal->error;
  if (const auto* batch = std::get_if<protocol::RegisterActors>(&request)) {
    for (const auto& entry : batch->actors)
      if (entry.fault_code == protocol::ErrorCode::not_authorized) return entry.fault;
  }
  return {};
}

} // namespace

std::string address_of(zmq::message_t& message) {
  return peer_host(property(message, "Peer-Address"));
}

int descriptor_of(zmq::message_t& message) {
  return zmq_msg_get(message.handle(), ZMQ_SRCFD);
}

void Gate::say(const char* event, std::string text) const {
  if (log_) log_({LogLevel::warning, std::move(text), event});
}

void Gate::set_access(std::vector<EndpointAccess> endpoints, std::shared_ptr<const Clients> clients) {
  access_.set_endpoints(std::move(endpoints));
  access_.set_clients(std::move(clients));
  latest_ = nullptr;
  has_curve_ = access_.has_curve();
}

Access::Verdict Gate::judge(const ConnectionRequest& request) {
  auto verdict = access_.judge(request);
  switch (verdict.outcome) {
  case Access::Outcome::admitted: break;
  case Access::Outcome::unknown_key:
    counters_.count_refused(Refusals::key);
    say("key_refused", "a client from " + from(request.address) + " has the key '" + request.key +
                           "', which is not trusted: refused (actorsctl registry trust)");
    break;
  case Access::Outcome::no_listener:
    counters_.count_refused(Refusals::key);
    say("key_refused", "client '" + verdict.client->name + "' from " + from(request.address) +
                           " may not list every name, so it may not listen to events: refused");
    break;
  case Access::Outcome::address_refused:
    counters_.count_refused(Refusals::address);
    say("address_refused",
        "a connection from " + from(request.address) + " is in no network of security.allow: refused");
    break;
  }
  return verdict;
}

ConnectionGuard::OnRefused Gate::on_refused() {
  return [this](ConnectionGuard::Refused refused, const std::string& address) {
    switch (refused) {
    case ConnectionGuard::Refused::handshake: return counters_.count_refused(Refusals::handshake);
    case ConnectionGuard::Refused::too_many_of_address:
      counters_.count_refused(Refusals::connections);
      return say("connections_refused", "there are " + std::to_string(connections_.limits().of_an_address) +
                                            " connections from " + from(address) +
                                            " already (limits.peer_connections): another one is ended");
    case ConnectionGuard::Refused::too_many:
      counters_.count_refused(Refusals::connections);
      return say("connections_refused",
                 "there are " + std::to_string(connections_.limits().all) +
                     " connections already (limits.connections, or the limit of open files): one from " +
                     from(address) + " is ended");
    case ConnectionGuard::Refused::no_descriptor:
      counters_.count_refused(Refusals::connections);
      return say("connections_refused", "a connection could not be accepted: no descriptor is left");
    }
  };
}

bool Gate::admits(zmq::message_t& message, Nanos monotonic, std::shared_ptr<const Client>& client) {
  if (!rate_.is_quiet(monotonic) && !admits_rate(message)) return false;
  if (has_curve_) return admits_user(message, client);
  client = nullptr;
  return true;
}

bool Gate::admits_rate(zmq::message_t& message) {
  const std::string address = address_of(message);
  const bool is_here = address.empty() || protocol::is_loopback_host(address);
  if (is_here || rate_.admits(address)) return true;
  counters_.count_refused(Refusals::messages);
  say("messages_refused",
      from(address) + " sends more than limits.peer_messages_s allows: what is beyond is dropped");
  return false;
}

bool Gate::admits_user(zmq::message_t& message, std::shared_ptr<const Client>& client) {
  const auto user = property(message, "User-Id");
  // Mostly it is the one of the message before, which costs less to see than to hash a key.
  if (!latest_ || !*latest_ || (*latest_)->key != user) latest_ = &access_.client(user);
  // So does counting references.
  if (client != *latest_) client = *latest_;
  if (client || user == Access::plain_user) return true;
  const std::string address = address_of(message);
  counters_.count_refused(Refusals::key);
  say("key_refused", "the key '" + std::string(user) + "' from " + from(address) +
                         " is not trusted any more: its connection is ended");
  end_connection(descriptor_of(message), address);
  return false;
}

const protocol::Request& Gate::restrict(const protocol::Request& request, Incoming& incoming,
                                        protocol::Request& into) {
  if (!incoming.client) return request;
  auto instead = restricted(*incoming.client, request);
  if (!instead) return request;
  into = std::move(*instead);
  if (std::exchange(incoming.denial_said, true)) return into;
  const std::string why = denial_in(into);
  if (!why.empty()) say("not_authorized", why + " (from " + from(incoming.address()) + ")");
  return into;
}

void Gate::end_refused_addresses(std::size_t endpoint) {
  const auto refused = connections_.which([&](const ConnectionTable::Connection& one) {
    return one.endpoint == endpoint && !access_.admits_address(endpoint, one.address);
  });
  for (const int descriptor : refused) {
    const std::string address = connections_.find(descriptor)->address;
    if (!end_connection(descriptor, address)) continue;
    counters_.count_refused(Refusals::address);
    say("address_refused",
        from(address) + " is in no network of security.allow any more: its connection is ended");
  }
}

void Gate::end_listener(int descriptor, const ConnectionTable::Connection& connection,
                        const std::string& why) {
  if (!end_connection(descriptor, connection.address)) return;
  counters_.count_refused(Refusals::key);
  say("key_refused", "a listener from " + from(connection.address) + " " + why + ": its connection is ended");
}

} // namespace registry_core
