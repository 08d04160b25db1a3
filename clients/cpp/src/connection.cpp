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

Json whole(const ReplyText& reply) {
  return Json::parse(reply.text());
}

std::string request_text(const Json& request) {
  try {
    return request.dump();
  } catch (const Json::exception&) {
    throw RegistryError("a name or an endpoint is no UTF-8");
  }
}

void add_id(std::string& request, std::uint64_t id) {
  request.pop_back();
  request.append(",\"request_id\":").append(std::to_string(id)).push_back('}');
}

Connection::Connection(std::vector<std::string> endpoints) : endpoints_(std::move(endpoints)) {
  if (endpoints_.empty()) throw RegistryError("no registry endpoint is given");
}

Json Connection::call(const Json& request, Clock::time_point deadline, std::chrono::milliseconds timeout) {
  return whole(ask(request_text(request), deadline, timeout));
}

const ReplyText& Connection::ask(std::string request, Clock::time_point deadline,
                                 std::chrono::milliseconds timeout) {
  add_id(request, ++last_id_);
  auto now = Clock::now();
  const auto share = (deadline - now) / static_cast<int>(endpoints_.size());
  auto next = now;
  std::vector<Attempt> attempts;
  for (; now < deadline && !(cancelled_ && cancelled_()); now = Clock::now()) {
    if (attempts.size() < endpoints_.size() && now >= next) {
      ask_next(attempts, request);
      next = now + share;
    }
    if (wait(attempts, attempts.size() < endpoints_.size() ? std::min(next, deadline) : deadline))
      return reply_;
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

bool Connection::wait(std::vector<Attempt>& attempts, Clock::time_point until) {
  if (cancelled_) until = std::min(until, Clock::now() + between_looks);
  if (attempts.size() == 1) { // nearly always, and libzmq waits for one socket with fewer system calls
    auto text = attempts.front().dealer->receive(until);
    return text && take(attempts.front(), std::move(*text));
  }
  if (take_arrived(attempts)) return true;
  std::vector<pollfd> descriptors;
  for (const Attempt& attempt : attempts)
    descriptors.push_back({attempt.dealer->descriptor(), POLLIN, 0});
  if (poll(descriptors.data(), descriptors.size(), poll_timeout(until)) < 0 && errno != EINTR) {
    throw RegistryError("poll failed");
  }
  return take_arrived(attempts);
}

bool Connection::take_arrived(std::vector<Attempt>& attempts) {
  for (Attempt& attempt : attempts) {
    while (auto text = attempt.dealer->receive()) {
      if (take(attempt, std::move(*text))) return true;
    }
  }
  return false;
}

/// What is no answer is passed over.
bool Connection::take(Attempt& attempt, std::string text) {
  if (!reply_.read(std::move(text)) || !reply_.answers(last_id_)) return false;
  good_ = attempt.endpoint;
  dealer_ = std::move(attempt.dealer);
  return true;
}

} // namespace actors::registry
