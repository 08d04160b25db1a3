#include "clients/cpp/src/connection.hpp"

#include "actors/registry/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <poll.h>

namespace actors::registry {

namespace {

/// How long a call may go on after it was cancelled.
constexpr std::chrono::milliseconds between_looks(50);

std::string seconds_text(std::chrono::milliseconds time) {
  std::string text(32, '\0');
  const int length = std::snprintf(text.data(), text.size(), "%g", static_cast<double>(time.count()) / 1000);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

/// Rounded up, so that a poll never returns just before its time and spins.
int poll_timeout(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 60'000));
}

bool answers(const Json& reply, std::uint64_t id) {
  const auto found = reply.find("request_id");
  // What is too large to be read is refused without an id. Only one request is ever under way here.
  if (found == reply.end()) return reply.value("message_type", Json()) == "Error";
  return *found == id;
}

} // namespace

std::string no_answer(const std::vector<std::string>& endpoints, std::chrono::milliseconds timeout) {
  std::string text = "registry ";
  for (std::size_t i = 0; i < endpoints.size(); ++i)
    text.append(i == 0 ? "" : ", ").append(endpoints[i]);
  return text + " does not answer within " + seconds_text(timeout) + " s";
}

std::optional<Json> parse_reply(const std::string& text) {
  Json reply = Json::parse(text, nullptr, false);
  if (!reply.is_object()) return std::nullopt;
  return reply;
}

std::string request_text(const Json& request) {
  try {
    return request.dump();
  } catch (const Json::exception&) {
    throw RegistryError("a name or an endpoint is no UTF-8");
  }
}

Connection::Connection(std::vector<std::string> endpoints) : endpoints_(std::move(endpoints)) {
  if (endpoints_.empty()) throw RegistryError("no registry endpoint is given");
}

Json Connection::call(Json request, Clock::time_point deadline, std::chrono::milliseconds timeout) {
  const std::uint64_t id = ++last_id_;
  request["request_id"] = id;
  const std::string text = request_text(request);
  const auto share = (deadline - Clock::now()) / static_cast<int>(endpoints_.size());
  auto next = Clock::now();
  std::vector<Attempt> attempts;
  for (auto now = next; now < deadline && !(cancelled_ && cancelled_()); now = Clock::now()) {
    if (attempts.size() < endpoints_.size() && now >= next) {
      ask_next(attempts, text);
      next = now + share;
    }
    if (auto reply = answer_of(attempts, id)) return std::move(*reply);
    wait(attempts, attempts.size() < endpoints_.size() ? std::min(next, deadline) : deadline);
  }
  throw TimeoutError(no_answer(endpoints_, timeout));
}

void Connection::ask_next(std::vector<Attempt>& attempts, const std::string& text) {
  const std::size_t endpoint = (good_ + attempts.size()) % endpoints_.size();
  auto dealer = attempts.empty() ? std::move(dealer_) : nullptr;
  if (!dealer) dealer = std::make_unique<Dealer>(context_, endpoints_[endpoint]);
  dealer->send(text);
  attempts.push_back({endpoint, std::move(dealer)});
}

std::optional<Json> Connection::answer_of(std::vector<Attempt>& attempts, std::uint64_t id) {
  for (Attempt& attempt : attempts) {
    while (const auto text = attempt.dealer->receive()) {
      auto reply = parse_reply(*text);
      if (!reply || !answers(*reply, id)) continue;
      good_ = attempt.endpoint;
      dealer_ = std::move(attempt.dealer);
      return reply;
    }
  }
  return std::nullopt;
}

void Connection::wait(const std::vector<Attempt>& attempts, Clock::time_point until) const {
  if (cancelled_) until = std::min(until, Clock::now() + between_looks);
  std::vector<pollfd> descriptors;
  for (const Attempt& attempt : attempts)
    descriptors.push_back({attempt.dealer->descriptor(), POLLIN, 0});
  if (poll(descriptors.data(), descriptors.size(), poll_timeout(until)) < 0 && errno != EINTR) {
    throw RegistryError("poll failed");
  }
}

} // namespace actors::registry
