#include "ssh/dial.hpp"

#include "ssh/dial_attempt.hpp"
#include "ssh/name_lookup.hpp"

#include <poll.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <system_error>

namespace ssh {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds next_address_after{250}; // RFC 8305, section 5
constexpr milliseconds next_address_after_connected{2000};
constexpr milliseconds cancel_period{250};
constexpr milliseconds first_retry_after{100};
constexpr unsigned most_retries = 5;

/// One host on its way: name, addresses, attempts.
class Call {
public:
  Call(const DialRequest& request, const std::shared_ptr<Wakeup>& wakeup)
      : request_(request), began_(Clock::now()) {
    if (request.open_tunnel) {
      resolved_ = true;
      open_tunnel();
    } else {
      lookup_.emplace(request.hostname, request.port, request.address_family, wakeup);
    }
  }

  /// Goes on as far as it can; a result where it is over.
  std::optional<DialResult> advance(Clock::time_point now) {
    if (!resolved_ && !resolve()) return now >= request_.deadline ? std::optional(too_late()) : std::nullopt;
    if (failure_) return *failure_;
    if (resume_ && !resume(now)) return std::nullopt;
    for (auto& attempt : attempts_) {
      if (attempt.advance()) return Dialed{attempt.take_stream(), attempt.name()};
    }
    begin_attempts(now);
    if (next_ == addresses_.size() && none_open()) return put_off(now) ? std::nullopt : std::optional(over());
    if (now >= request_.deadline) return too_late();
    return std::nullopt;
  }

  void add_polls(std::vector<pollfd>& polls) const {
    for (const auto& attempt : attempts_) {
      if (attempt.open()) polls.push_back({attempt.fd(), attempt.events(), 0});
    }
  }

  [[nodiscard]] Clock::time_point next_time() const {
    if (resume_) return *resume_;
    return next_ < addresses_.size() && resolved_ ? std::min(request_.deadline, next_start_)
                                                  : request_.deadline;
  }

private:
  bool resolve() {
    LookupResult result;
    if (!lookup_->take(result)) return false;
    resolved_ = true;
    addresses_ = std::move(result.addresses);
    next_start_ = Clock::now();
    if (addresses_.empty()) {
      const auto why = result.error.empty() ? std::string("no address") : result.error;
      failure_.emplace(ErrorClass::resolve, "can't resolve " + request_.hostname + ": " + why);
    }
    return true;
  }

  void open_tunnel() {
    auto name = request_.hostname + " port " + std::to_string(request_.port) + " through " + request_.through;
    attempts_.emplace_back(request_.open_tunnel(), std::move(name));
  }

  [[nodiscard]] const DialAttempt* busy() const {
    const auto found = std::find_if(attempts_.begin(), attempts_.end(),
                                    [](const auto& each) { return each.error_class() == ErrorClass::busy; });
    return found == attempts_.end() ? nullptr : &*found;
  }

  [[nodiscard]] Error busy_error() const {
    return {ErrorClass::busy,
            busy()->text() + (tries_ > 1 ? " (tried " + std::to_string(tries_) + " times)" : ""),
            "too many logins at a time there (MaxStartups)? try again"};
  }

  /// After all attempts have failed: true where another try is worth it and fits in the time. The delay
  /// grows, and differs from host to host and from one of us to another, as all of them may knock at the same
  /// door.
  bool put_off(Clock::time_point now) {
    if (busy() == nullptr || tries_ > most_retries) return false;
    const auto growing = first_retry_after * (1 << (tries_ - 1));
    const auto delay = growing * (75 + std::random_device{}() % 51) / 100;
    if (now + delay >= request_.deadline) return false;
    busy_ = busy_error();
    ++tries_;
    resume_ = now + delay;
    return true;
  }

  /// Begins again once its time has come.
  bool resume(Clock::time_point now) {
    if (now < *resume_) return false;
    resume_.reset();
    attempts_.clear();
    next_ = 0;
    next_start_ = now;
    patient_ = false;
    if (request_.open_tunnel) open_tunnel();
    return true;
  }

  /// The next address begins when its time has come, or at once where no earlier one is left.
  void begin_attempts(Clock::time_point now) {
    while (next_ < addresses_.size() && (now >= next_start_ || none_open())) {
      attempts_.emplace_back(addresses_[next_++], request_.port);
      next_start_ = now + next_address_after;
    }
    // A server that has accepted gets longer before another address of the same host is bothered.
    const bool connected =
        std::any_of(attempts_.begin(), attempts_.end(), [](const auto& each) { return each.connected(); });
    if (connected && !patient_) {
      patient_ = true;
      next_start_ = now + next_address_after_connected;
    }
  }

  [[nodiscard]] bool none_open() const {
    return std::none_of(attempts_.begin(), attempts_.end(), [](const auto& each) { return each.open(); });
  }

  /// All attempts have failed. A server that is full says more of the host than another address that refuses.
  [[nodiscard]] DialResult over() const {
    for (const auto& attempt : attempts_) {
      if (attempt.tunnel_failure()) return *attempt.tunnel_failure();
    }
    if (busy() != nullptr) return busy_error();
    return Error(ErrorClass::connect, texts(""));
  }

  [[nodiscard]] DialResult too_late() const {
    const auto seconds = std::chrono::round<std::chrono::seconds>(request_.deadline - began_).count();
    const auto within = " within " + std::to_string(std::max<long>(seconds, 1)) + " s";
    if (!resolved_)
      return Error(ErrorClass::resolve, "no answer to the lookup of " + request_.hostname + within);
    // A full server that left the last try in its queue is still full.
    if (busy_) return *busy_;
    return Error(ErrorClass::connect, texts(within));
  }

  [[nodiscard]] std::string texts(const std::string& within) const {
    constexpr std::size_t most = 3;
    std::string all;
    for (std::size_t i = 0; i < std::min(attempts_.size(), most); ++i) {
      if (!all.empty()) all += "; ";
      all += attempts_[i].text();
      if (attempts_[i].open()) all += within;
    }
    if (attempts_.size() > most)
      all += "; and " + std::to_string(attempts_.size() - most) + " more addresses";
    return all;
  }

  const DialRequest& request_;
  Clock::time_point began_;
  std::optional<NameLookup> lookup_;
  unsigned tries_ = 1;
  std::optional<Clock::time_point> resume_; ///< when to try again after a busy one
  bool resolved_ = false, patient_ = false;
  std::optional<Error> failure_, busy_;
  std::vector<Address> addresses_;
  std::size_t next_ = 0;
  Clock::time_point next_start_;
  std::vector<DialAttempt> attempts_;
};

/// All hosts of one dial_all.
class Dialing {
public:
  Dialing(std::span<const DialRequest> requests, const std::function<void(std::size_t, DialResult)>& done)
      : done_(done), wakeup_(std::make_shared<Wakeup>()), calls_(requests.size()) {
    for (std::size_t i = 0; i < requests.size(); ++i)
      begin(i, requests[i]);
  }

  void to_end(const std::function<bool()>& cancelled) {
    auto asked = Clock::now();
    for (;;) {
      advance();
      if (left_ == 0) return;
      const auto now = Clock::now();
      if (cancelled && now - asked >= cancel_period) {
        asked = now;
        if (cancelled()) return cancel();
      }
      wait(cancelled ? std::min(next_time(), asked + cancel_period) : next_time());
    }
  }

private:
  void begin(std::size_t index, const DialRequest& request) {
    ++left_;
    try {
      calls_[index] = std::make_unique<Call>(request, wakeup_);
    } catch (const Error& error) {
      end(index, error);
    } catch (const std::system_error& error) {
      if (request.open_tunnel) return end(index, Error(ErrorClass::connect, error.what()));
      end(index, Error(ErrorClass::resolve, std::string("can't look a name up: ") + error.what()));
    }
  }

  void end(std::size_t index, DialResult result) {
    calls_[index].reset();
    --left_;
    done_(index, std::move(result));
  }

  void advance() {
    const auto now = Clock::now();
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (!calls_[i]) continue;
      if (auto result = advance(*calls_[i], now)) end(i, std::move(*result));
    }
  }

  static std::optional<DialResult> advance(Call& call, Clock::time_point now) {
    try {
      return call.advance(now);
    } catch (const Error& error) {
      return error;
    } catch (const std::system_error& error) {
      return Error(ErrorClass::connect, error.what()); // another try could not begin
    }
  }

  void cancel() {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (calls_[i]) end(i, Error(ErrorClass::timed_out, "interrupted"));
    }
  }

  [[nodiscard]] Clock::time_point next_time() const {
    auto next = Clock::time_point::max();
    for (const auto& call : calls_) {
      if (call) next = std::min(next, call->next_time());
    }
    return next;
  }

  void wait(Clock::time_point until) const {
    std::vector<pollfd> polls{{wakeup_->fd(), POLLIN, 0}};
    for (const auto& call : calls_) {
      if (call) call->add_polls(polls);
    }
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    (void)::poll(polls.data(), polls.size(), static_cast<int>(std::clamp<long>(left, 0, 60'000)));
    wakeup_->clear();
  }

  const std::function<void(std::size_t, DialResult)>& done_;
  std::shared_ptr<Wakeup> wakeup_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::size_t left_ = 0;
};

} // namespace

void dial_all(std::span<const DialRequest> requests, const std::function<void(std::size_t, DialResult)>& done,
              const std::function<bool()>& cancelled) {
  Dialing(requests, done).to_end(cancelled);
}

} // namespace ssh
