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

Connection::Connection(std::vector<std::string> endpoints, CurveKeys keys)
    : endpoints_(std::move(endpoints)), keys_(std::move(keys)) {
  if (endpoints_.empty()) throw RegistryError("no registry endpoint is given");
}

Json Connection::call(const Json& request, Clock::time_point deadline, std::chrono::milliseconds timeout) {
  return whole(ask(request_text(request), deadline, timeout));
}

const ReplyText& Connection::ask(std::string request, Clock::time_point deadline,
                                 std::chrono::milliseconds timeout, Repeat repeat) {
  process_.check("client");
  add_id(request, ++last_id_);
  // Where this client's key has been revoked meanwhile, or the registry's is another, only a new connection
  // is told so: it joins the one that was kept.
  const std::size_t again = keys_ && dealer_ && repeat == Repeat::yes ? 1 : 0;
  const std::size_t most = endpoints_.size() + again;
  auto now = Clock::now();
  const auto share = (deadline - now) / static_cast<int>(most);
  auto next = now;
  Repetition repetition(repeat, now, deadline);
  std::vector<Attempt> attempts;
  for (; now < deadline && !(cancelled_ && cancelled_()); now = Clock::now()) {
    const bool over = !attempts.empty() && are_over(attempts);
    if (over && attempts.size() == most) break;
    if (repetition.is_due(now)) ask_again(attempts, request);
    if (attempts.size() < most && (over || now >= next)) {
      const std::size_t nth = attempts.size() - (attempts.empty() ? 0 : again);
      ask_next(attempts, (good_ + nth) % endpoints_.size(), request);
      next = now + share;
    }
    const auto until = std::min(repetition.next(), deadline);
    if (wait(attempts, attempts.size() < most ? std::min(next, until) : until)) {
      // Another answer to the same request may come, and without an id it would be taken for the next one's.
      if (repetition.has_begun() && !reply_.has_id()) dealer_.reset();
      return reply_;
    }
  }
  throw_no_answer(attempts, timeout);
}

void Connection::ask_next(std::vector<Attempt>& attempts, std::size_t endpoint, const std::string& text) {
  auto dealer = attempts.empty() ? std::move(dealer_) : nullptr;
  if (!dealer) dealer = std::make_unique<Dealer>(context_, endpoints_[endpoint], keys_);
  dealer->send(text);
  attempts.push_back({endpoint, std::move(dealer)});
}

void Connection::ask_again(std::vector<Attempt>& attempts, const std::string& text) {
  for (Attempt& attempt : attempts)
    attempt.dealer->send(text);
}

bool Connection::wait(std::vector<Attempt>& attempts, Clock::time_point until) {
  if (cancelled_) until = std::min(until, Clock::now() + between_looks);
  if (attempts.size() == 1 &&
      attempts.front()
          .dealer->is_proven()) { // nearly always, and libzmq waits for one socket with fewer system calls
    auto text = attempts.front().dealer->receive(until);
    return text && take(attempts.front(), std::move(*text));
  }
  if (take_arrived(attempts)) return true;
  // libzmq's descriptors tell of what is new, so nobody sleeps before all that there is was seen.
  if (are_over(attempts)) return false;
  std::vector<pollfd> descriptors;
  for (const Attempt& attempt : attempts)
    attempt.dealer->add_descriptors(descriptors);
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
  dealer_->prove();
  return true;
}

/// At each endpoint.
std::vector<const Connection::Attempt*> Connection::latest(const std::vector<Attempt>& attempts) {
  std::vector<const Attempt*> latest;
  for (const Attempt& attempt : attempts) {
    if (!latest.empty() && latest.back()->endpoint == attempt.endpoint) latest.pop_back();
    latest.push_back(&attempt);
  }
  return latest;
}

/// No answer can come any more.
bool Connection::are_over(const std::vector<Attempt>& attempts) {
  bool over = true;
  for (const Attempt* const attempt : latest(attempts)) // each takes note of what has happened
    over = attempt->dealer->is_over() && over;
  return over;
}

void Connection::throw_no_answer(const std::vector<Attempt>& attempts,
                                 std::chrono::milliseconds timeout) const {
  auto fault = Handshake::Fault::none;
  bool all = true;
  std::string text;
  for (const Attempt* const attempt : latest(attempts)) {
    const auto its_fault = attempt->dealer->fault();
    if (its_fault == Handshake::Fault::none) {
      all = false;
      continue;
    }
    fault = std::max(fault, its_fault);
    text.append(text.empty() ? "" : "; ")
        .append(endpoints_[attempt->endpoint])
        .append(": ")
        .append(text_of(its_fault));
  }
  if (all && !attempts.empty()) throw_fault(fault, "registry " + text);
  throw TimeoutError(no_answer(endpoints_, timeout) + (text.empty() ? "" : " (" + text + ")"));
}

} // namespace actors::registry
