#include "controller/fan_out.hpp"

#include "controller/dialing.hpp"
#include "controller/host_link.hpp"
#include "ssh/session.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace controller {
namespace {

/// A host whose turn in the pool has come: local, or one that answered.
struct Job {
  std::size_t index = 0;
  std::optional<Answered> answered;
};

/// Hands jobs to at most `width` threads, which are made as they are needed.
class Pool {
public:
  Pool(unsigned width, std::function<void(Job)> work) : width_(std::max(width, 1u)), work_(std::move(work)) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Waits until everything given is done.
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    threads_.clear();
  }

  void give(Job job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    if (idle_ >= jobs_.size() || threads_.size() >= width_)
      changed_.notify_one();
    else
      threads_.emplace_back([this] { serve(); });
  }

private:
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
      --idle_;
      if (jobs_.empty()) return;
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      work_(std::move(job));
      lock.lock();
    }
  }

  const unsigned width_;
  const std::function<void(Job)> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::size_t idle_ = 0;
  bool closed_ = false;
  std::vector<std::jthread> threads_;
};

std::unique_ptr<HostLink> open(const config::Host& host, std::optional<Answered> answered) {
  if (!answered) return link_local(host);
  try {
    const auto deadline = Clock::now() + answered->time_left;
    return link_ssh(host, ssh::Session::open(answered->settings, std::move(answered->stream), deadline),
                    answered->settings.user);
  } catch (const ssh::Error& error) {
    throw HostError(to_failure(error, host.name));
  }
}

} // namespace

void fan_out(std::span<const config::Host* const> hosts, const FanOutOptions& options, const HostWork& work) {
  const auto cancelled = [&] { return options.cancelled && options.cancelled(); };
  const auto show = [&](std::size_t index, const char* waits_for) {
    options.show({hosts[index], nullptr, waits_for});
  };
  const auto failed = [&](std::size_t index, const Failure& failure) {
    work.failed(index, failure);
    show(index, "");
  };
  Pool pool(options.parallel, [&](Job job) {
    const auto index = job.index;
    try {
      if (cancelled()) throw HostError({FailureClass::interrupted, "not begun: interrupted", ""});
      show(index, hosts[index]->is_local() ? "connecting" : "authenticating");
      const auto link = open(*hosts[index], std::move(job.answered));
      show(index, "at work");
      work.work(index, *link);
      show(index, "");
    } catch (const HostError& error) {
      failed(index, error.failure());
    } catch (const std::exception& error) {
      failed(index, {FailureClass::internal, error.what(), ""});
    }
  });
  std::vector<const config::Host*> remote;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < hosts.size(); ++i)
    show(i, "connecting");
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i]->is_local()) {
      pool.give({i, std::nullopt});
    } else {
      remote.push_back(hosts[i]);
      indices.push_back(i);
    }
  }
  if (remote.empty()) return;
  dial_hosts(remote,
             {[&](std::size_t at, Answered answered) {
                show(indices[at], "waiting for a place");
                pool.give({indices[at], std::move(answered)});
              },
              [&](std::size_t at, const Failure& failure) { failed(indices[at], failure); }, cancelled});
}

} // namespace controller
