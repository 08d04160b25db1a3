#include "registry_core/store/store.hpp"

#include "registry_core/store/directory_lock.hpp"
#include "registry_core/store/log_file.hpp"
#include "registry_core/store/record.hpp"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace registry_core {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t megabyte = 1024UL * 1024;
/// A log of so many bytes is read in well under a second.
constexpr std::uint64_t smallest_log_to_compact = 16 * megabyte;
constexpr std::uint64_t most_unchecked = 16 * megabyte;
constexpr std::chrono::seconds idle_before_checkpoint(1);
/// Fewer than a tidying removes, so that the file does not grow under a load without pauses.
constexpr unsigned batches_until_tidied = 24;

} // namespace

/// The loop's side, and the thread's. The file is the thread's from the end of load() on.
class Store::State {
public:
  explicit State(const StoreOptions& options);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] const std::string& epoch() const noexcept { return epoch_; }
  [[nodiscard]] int descriptor() const noexcept { return result_event_; }
  void load(const std::function<void(Change&&)>& take);
  void append(std::string batch);
  std::optional<Result> take_result();
  [[nodiscard]] bool wants_snapshot() const noexcept;
  void begin_snapshot();
  void add_to_snapshot(std::string records);
  void end_snapshot();
  [[nodiscard]] std::size_t unwritten_parts() const noexcept { return unwritten_parts_; }

private:
  using Lock = std::unique_lock<std::mutex>;
  struct Batch {
    std::string records;
    Clock::time_point since;
  };
  struct Part {
    std::string records;
    bool is_first = false;
    bool is_last = false;
    std::int64_t behind_batch = 0; ///< of the last
  };

  void run();
  [[nodiscard]] bool has_work() const { return batch_ || ending_ || !parts_.empty(); }
  void wait_for_work(Lock& lock);
  void add(Part part);
  void write(const Batch& batch);
  void write(const Part& part);
  void try_to_write(const Part& part);
  bool tidy_up();
  void checkpoint();
  void publish_sizes() noexcept;

  DirectoryLock lock_;
  LogFile file_;
  const std::string epoch_;
  int result_event_;

  // The loop's.
  std::int64_t last_taken_ = 0; ///< the latest batch whose result was taken
  std::int64_t behind_batch_ = 0;
  bool is_first_part_ = false;

  // Between the two.
  std::mutex mutex_;
  std::condition_variable work_;
  std::optional<Batch> batch_;
  std::optional<Result> result_;
  std::deque<Part> parts_;
  bool ending_ = false;
  std::atomic<std::size_t> unwritten_parts_ = 0;
  std::atomic<std::uint64_t> log_bytes_ = 0, snapshot_bytes_ = 0;
  std::atomic<std::uint64_t> no_snapshot_below_ = 0; ///< bytes of the log; after one that failed

  // The thread's.
  bool snapshot_open_ = false; ///< some of it is written, and none of it has failed
  bool untidy_ = true;         ///< there may be something to clear
  unsigned batches_since_tidied_ = 0;
  std::thread thread_;
};

Store::State::State(const StoreOptions& options)
    : lock_(options.data_dir), file_(options.data_dir + "/registry.db", options.full_durability),
      epoch_(file_.epoch()), result_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (result_event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Store::State::~State() {
  if (thread_.joinable()) {
    {
      const Lock lock(mutex_);
      ending_ = true;
    }
    work_.notify_one();
    thread_.join();
  }
  close(result_event_);
}

void Store::State::load(const std::function<void(Change&&)>& take) {
  file_.load([&take](std::string_view records) {
    try {
      RecordReader reader(records);
      while (auto change = reader.next())
        take(std::move(*change));
    } catch (const RecordError& error) {
      throw StoreError(std::string("the store holds a record that can't be read: ") + error.what());
    }
  });
  last_taken_ = file_.last_batch();
  publish_sizes();
  thread_ = std::thread([this] { run(); });
}

void Store::State::append(std::string batch) {
  {
    const Lock lock(mutex_);
    batch_ = {std::move(batch), Clock::now()};
  }
  work_.notify_one();
}

std::optional<Store::Result> Store::State::take_result() {
  const Lock lock(mutex_);
  if (!result_) return std::nullopt;
  std::uint64_t count = 0;
  [[maybe_unused]] const auto taken = ::read(result_event_, &count, sizeof count);
  if (result_->stored) ++last_taken_;
  return std::exchange(result_, std::nullopt);
}

bool Store::State::wants_snapshot() const noexcept {
  const std::uint64_t enough = std::max(smallest_log_to_compact, snapshot_bytes_ / 2);
  return unwritten_parts_ == 0 && log_bytes_ > std::max(enough, no_snapshot_below_.load());
}

/// A batch that is under way may or may not be in the parts to come: it is replayed over them, which changes
/// nothing where it is.
void Store::State::begin_snapshot() {
  is_first_part_ = true;
  behind_batch_ = last_taken_;
}

void Store::State::add(Part part) {
  part.is_first = std::exchange(is_first_part_, false);
  ++unwritten_parts_;
  {
    const Lock lock(mutex_);
    parts_.push_back(std::move(part));
  }
  work_.notify_one();
}

void Store::State::add_to_snapshot(std::string records) {
  add({std::move(records), false, false, 0});
}

void Store::State::end_snapshot() {
  add({{}, false, true, behind_batch_});
}

// --- the thread

void Store::State::run() {
  Lock lock(mutex_);
  while (!ending_ || batch_) {
    if (batch_) { // first of all: somebody waits for it
      const Batch batch = std::move(*batch_);
      batch_.reset();
      lock.unlock();
      write(batch);
      lock.lock();
    } else if (!parts_.empty()) {
      const Part part = std::move(parts_.front());
      parts_.pop_front();
      lock.unlock();
      write(part);
      lock.lock();
    } else {
      wait_for_work(lock);
    }
  }
  checkpoint();
}

void Store::State::wait_for_work(Lock& lock) {
  lock.unlock();
  const bool more = tidy_up();
  lock.lock();
  if (more || has_work()) return;
  if (file_.unchecked_bytes() == 0) return work_.wait(lock, [this] { return has_work(); });
  if (work_.wait_for(lock, idle_before_checkpoint, [this] { return has_work(); })) return;
  lock.unlock();
  checkpoint();
  lock.lock();
}

void Store::State::write(const Batch& batch) {
  Result result;
  try {
    file_.append(batch.records);
    result.stored = true;
  } catch (const SqliteError& error) {
    result.error = error.what();
  }
  publish_sizes();
  result.took = Clock::now() - batch.since;
  {
    const Lock lock(mutex_);
    result_ = std::move(result);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(result_event_, &one, sizeof one);
  if (file_.unchecked_bytes() > most_unchecked) checkpoint();
  // Where batches follow each other without a pause, nothing would ever be tidied in one.
  if (++batches_since_tidied_ < batches_until_tidied) return;
  batches_since_tidied_ = 0;
  tidy_up();
}

void Store::State::try_to_write(const Part& part) {
  if (part.is_first) {
    file_.begin_snapshot();
    snapshot_open_ = true;
  }
  if (!snapshot_open_) return; // of one that has failed
  if (!part.is_last) return file_.add_part(part.records);
  file_.end_snapshot(part.behind_batch);
  snapshot_open_ = false;
  no_snapshot_below_ = 0;
  untidy_ = true;
}

/// A snapshot that fails leaves the one before in force.
void Store::State::write(const Part& part) {
  try {
    try_to_write(part);
  } catch (const SqliteError&) {
    snapshot_open_ = false;
    untidy_ = true;
    no_snapshot_below_ = file_.log_bytes() + smallest_log_to_compact;
  }
  publish_sizes();
  --unwritten_parts_;
  if (file_.unchecked_bytes() > most_unchecked) checkpoint();
}

/// \returns whether there is more to do.
bool Store::State::tidy_up() {
  if (snapshot_open_ || !untidy_) return false;
  try {
    untidy_ = file_.clear_some();
    if (file_.unchecked_bytes() > most_unchecked) checkpoint();
  } catch (const SqliteError&) {
    untidy_ = false; // until the next snapshot
  }
  return untidy_;
}

/// One that fails is made up for by the next.
void Store::State::checkpoint() {
  try {
    file_.checkpoint();
  } catch (const SqliteError&) { // NOLINT(bugprone-empty-catch): commits will say what is wrong
  }
}

void Store::State::publish_sizes() noexcept {
  log_bytes_ = file_.log_bytes();
  snapshot_bytes_ = file_.snapshot_bytes();
}

// --- the class

Store::Store(const StoreOptions& options) : state_(std::make_unique<State>(options)) {}
Store::~Store() = default;
const std::string& Store::epoch() const noexcept {
  return state_->epoch();
}
void Store::load(const std::function<void(Change&&)>& take) {
  state_->load(take);
}
void Store::append(std::string batch) {
  state_->append(std::move(batch));
}
std::optional<Store::Result> Store::take_result() {
  return state_->take_result();
}
int Store::descriptor() const noexcept {
  return state_->descriptor();
}
bool Store::wants_snapshot() const noexcept {
  return state_->wants_snapshot();
}
void Store::begin_snapshot() {
  state_->begin_snapshot();
}
void Store::add_to_snapshot(std::string records) {
  state_->add_to_snapshot(std::move(records));
}
void Store::end_snapshot() {
  state_->end_snapshot();
}
std::size_t Store::unwritten_parts() const noexcept {
  return state_->unwritten_parts();
}

} // namespace registry_core
