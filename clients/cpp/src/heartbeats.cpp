#include "clients/cpp/src/heartbeats.hpp"

#include "actors/registry/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <random>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace actors::registry {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds repair_interval(100);
constexpr milliseconds longest_ask(1000);
constexpr int most_unanswered = 2;

thread_local const Heartbeats* run_by_this_thread = nullptr;

/// Around the interval, so that managers started together do not stay together.
milliseconds jittered(milliseconds interval) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return milliseconds(std::uniform_int_distribution<milliseconds::rep>(interval.count() * 95 / 100,
                                                                       interval.count() * 105 / 100)(random));
}

} // namespace

std::shared_ptr<Heartbeats> Heartbeats::start(std::vector<std::string> endpoints, CurveKeys keys,
                                              milliseconds interval, Work work) {
  try {
    std::shared_ptr<Heartbeats> heartbeats(
        new Heartbeats(std::move(endpoints), std::move(keys), interval, std::move(work)));
    heartbeats->thread_ = std::thread([heartbeats] { heartbeats->run(); });
    return heartbeats;
  } catch (const std::system_error& error) {
    throw RegistryError(std::string("can't start the heartbeats: ") + error.what());
  }
}

Heartbeats::Heartbeats(std::vector<std::string> endpoints, CurveKeys keys, milliseconds interval, Work work)
    : endpoints_(std::move(endpoints)), keys_(std::move(keys)), interval_(interval), work_(std::move(work)),
      dealer_(std::make_unique<Dealer>(context_, endpoints_.front(), keys_)), wake_(eventfd(0, EFD_CLOEXEC)) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Heartbeats::~Heartbeats() {
  close(wake_);
}

void Heartbeats::end() {
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
  if (is_own_thread()) {
    const std::unique_lock lock(ending_, std::try_to_lock); // who has it waits for the thread
    if (lock && thread_.joinable()) thread_.detach();
    return;
  }
  const std::scoped_lock lock(ending_);
  if (thread_.joinable()) thread_.join();
}

bool Heartbeats::is_own_thread() const noexcept {
  return run_by_this_thread == this;
}

void Heartbeats::run() {
  run_by_this_thread = this;
  next_ = Clock::now();
  while (!stopping_) {
    try {
      if (Clock::now() >= next_) send_next();
      if (repairing_)
        repairing_ = work_.repair([this](std::string request) { return ask(std::move(request)); });
      // libzmq's descriptor tells of what is new, so nobody sleeps before the queue was seen empty.
      if (read_replies()) continue;
      wait(repairing_ ? std::min(next_, Clock::now() + repair_interval) : next_);
    } catch (const std::exception& error) {
      // Whatever it was, the next heartbeat is what matters most.
      work_.notice(trouble_notice(std::string("heartbeats: ") + error.what()));
      rest(Clock::now() + interval_);
    }
  }
}

void Heartbeats::send_next() {
  next_ = Clock::now() + jittered(interval_);
  if (unanswered_ >= most_unanswered || dealer_->is_over()) reopen();
  Json request = work_.request();
  request["request_id"] = ++last_id_;
  ++unanswered_;
  dealer_->send(request_text(request));
}

/// A connection that was cut may wait for TCP for minutes; a new one does not, and another endpoint may be
/// there.
void Heartbeats::reopen() {
  if (!silent_) {
    const auto why = refusal_.empty() ? text_of(dealer_->fault()) : refusal_;
    work_.notice(silent_notice(endpoints_[endpoint_], why));
  }
  silent_ = true;
  refusal_.clear();
  endpoint_ = (endpoint_ + 1) % endpoints_.size();
  unanswered_ = 0;
  dealer_ = std::make_unique<Dealer>(context_, endpoints_[endpoint_], keys_);
}

void Heartbeats::wait(Clock::time_point until) {
  std::vector<pollfd> descriptors = {{wake_, POLLIN, 0}};
  dealer_->add_descriptors(descriptors);
  if (poll(descriptors.data(), descriptors.size(), poll_timeout(until)) < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "poll");
  }
}

/// Whatever there is to be read; nothing that fails.
void Heartbeats::rest(Clock::time_point until) {
  pollfd wake = {wake_, POLLIN, 0};
  if (poll(&wake, 1, poll_timeout(until)) < 0) std::this_thread::sleep_for(repair_interval);
}

bool Heartbeats::read_replies() {
  bool any = false;
  (void)dealer_->fault(); // what has happened to the connection is read, too, before anybody waits
  while (const auto text = dealer_->receive()) {
    any = true;
    const auto reply = parse_reply(*text);
    if (!reply) continue;
    dealer_->prove();
    try {
      take(*reply);
    } catch (const Json::exception& error) {
      work_.notice(trouble_notice(std::string("the registry sent a malformed answer: ") + error.what()));
    }
  }
  return any;
}

void Heartbeats::take(const Json& reply) {
  const auto found = reply.find("request_id");
  if (found == reply.end() || !found->is_number_unsigned()) return;
  const auto id = found->get<std::uint64_t>();
  if (asked_id_ != 0 && id == asked_id_) {
    asked_ = reply;
    return;
  }
  if (id <= answered_id_ || id > last_id_) return;
  const auto type = reply.value("message_type", Json());
  if (type == "Error") refusal_ = reply.value("error", std::string());
  if (type != "HeartbeatAck") return;
  answered_id_ = id;
  unanswered_ = 0;
  refusal_.clear();
  if (std::exchange(silent_, false)) work_.notice(reconnected_notice(endpoints_[endpoint_]));
  work_.acknowledged(reply);
  repairing_ = true;
}

std::optional<Json> Heartbeats::ask(std::string request) {
  if (stopping_) return std::nullopt; // a goodbye is the last word
  asked_.reset();
  asked_id_ = ++last_id_;
  add_id(request, asked_id_);
  dealer_->send(request);
  const auto until = Clock::now() + longest_ask;
  while (!asked_ && !stopping_ && Clock::now() < until) {
    read_replies();
    if (!asked_) wait(until);
  }
  asked_id_ = 0;
  return std::exchange(asked_, std::nullopt);
}

} // namespace actors::registry
