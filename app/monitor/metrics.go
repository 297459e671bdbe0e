package monitor

import (
	"cmp"
	"context"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"intakebot/mailer"
	"intakebot/outbox"
	"intakebot/storage"
)

// Metrics are what happens in the rooms, counted. The rooms tell it by small
// interfaces and functions of their own, so that none of them knows Prometheus.
// What can be asked for instead is read when somebody asks: see gauges.
//
// No label names a person, a chat or an incident: each has few values.
type Metrics struct {
	registry     *prometheus.Registry
	turns        *prometheus.CounterVec
	turnTime     prometheus.Histogram
	answers      *prometheus.CounterVec
	webhook      *prometheus.CounterVec
	answerTime   prometheus.Histogram
	letters      *prometheus.CounterVec
	letterTime   prometheus.Histogram
	sqlite       *prometheus.HistogramVec
	sqliteFailed *prometheus.CounterVec
	redis        *prometheus.HistogramVec
	redisFailed  *prometheus.CounterVec
}

// The buckets, in seconds: a turn is milliseconds when all is well, an answer
// of Telegram tenths of a second, a letter some seconds or minutes.
var (
	storeBuckets    = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}
	telegramBuckets = []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 65}
	letterBuckets   = []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900}
)

// NewMetrics counts from nothing; outcomes are those that a turn can have.
func NewMetrics(build Build, outcomes []string) *Metrics {
	m := &Metrics{
		registry:     prometheus.NewRegistry(),
		turns:        counters("intakebot_turns_total", "Attempts at an update by what came of them.", "outcome"),
		turnTime:     histogram("intakebot_turn_seconds", "How long an update was worked on, without the reply's way to Telegram.", storeBuckets),
		answers:      counters("intakebot_telegram_answers_total", "Requests to Telegram by method and HTTP status, \"none\" when there was no answer.", "method", "code"),
		webhook:      counters("intakebot_webhook_answers_total", "Answers to requests at the webhook's path by HTTP status.", "code"),
		answerTime:   histogram("intakebot_telegram_seconds", "How long Telegram took to answer, getUpdates left out: that one waits on purpose.", telegramBuckets),
		letters:      counters("intakebot_letters_total", "Attempts to hand over a letter by kind and verdict.", "kind", "verdict"),
		letterTime:   histogram("intakebot_letter_seconds", "How long an attempt to hand over a letter took.", letterBuckets),
		sqlite:       histograms("intakebot_sqlite_seconds", "How long the register took: a read, a write as its caller waits, a commit.", "operation"),
		sqliteFailed: counters("intakebot_sqlite_failures_total", "Operations of the register that failed: disk full, I/O error.", "operation"),
		redis:        histograms("intakebot_redis_seconds", "How long Redis took, by command.", "command"),
		redisFailed:  counters("intakebot_redis_failures_total", "Commands that Redis did not carry out.", "command"),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), buildInfo(build), started(time.Now()),
		m.turns, m.turnTime, m.answers, m.webhook, m.answerTime, m.letters, m.letterTime, m.sqlite, m.sqliteFailed, m.redis, m.redisFailed)
	m.begin(outcomes)
	return m
}

// begin makes the series that alerts look at before there is anything to count:
// a rate over a series that appears with its first failure misses that one.
func (m *Metrics) begin(outcomes []string) {
	for _, o := range outcomes {
		m.turns.WithLabelValues(o)
	}
	for _, kind := range []outbox.LetterKind{outbox.SupportCopy, outbox.EscalationLetter, outbox.ClosingLetter, outbox.AlarmLetter} {
		for _, o := range mailer.Outcomes {
			m.letters.WithLabelValues(string(kind), verdictLabel(o))
		}
	}
	// Two programs that ask for updates: the first of these counts.
	m.answers.WithLabelValues("getUpdates", strconv.Itoa(http.StatusConflict))
	for _, code := range []int{http.StatusOK, http.StatusUnauthorized, http.StatusServiceUnavailable} {
		m.webhook.WithLabelValues(strconv.Itoa(code))
	}
	for _, operation := range storage.Operations {
		m.sqliteFailed.WithLabelValues(operation)
	}
}

// Build is which program runs.
type Build struct{ Version, Commit string }

// Watch adds what is read when Prometheus asks.
func (m *Metrics) Watch(sources Sources) { m.registry.MustRegister(&gauges{sources}) }

// Gather returns the metrics as they are now.
func (m *Metrics) Gather() ([]*dto.MetricFamily, error) { return m.registry.Gather() }

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
}

func histograms(name, help, label string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: storeBuckets}, []string{label})
}

// buildInfo is 1, its labels say which build runs.
func buildInfo(build Build) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "intakebot_build_info", Help: "Which build runs; always 1.",
		ConstLabels: prometheus.Labels{"version": build.Version, "commit": cmp.Or(build.Commit, "unknown"), "go": runtime.Version()},
	})
	g.Set(1)
	return g
}

// started is when the program began. The process' own figure of that needs a file
// of the system that a sandbox may hide.
func started(at time.Time) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "intakebot_started_seconds", Help: "When the program started, as Unix time."})
	g.Set(float64(at.UnixMilli()) / 1000)
	return g
}

// CountingWebhook counts what next answers.
func (m *Metrics) CountingWebhook(next http.Handler) http.Handler {
	return promhttp.InstrumentHandlerCounter(m.webhook, next)
}

// Turn counts an attempt at an update.
func (m *Metrics) Turn(outcome string, took time.Duration) {
	m.turns.WithLabelValues(outcome).Inc()
	m.turnTime.Observe(took.Seconds())
}

// Answered counts an answer of Telegram.
func (m *Metrics) Answered(method string, status int, took time.Duration) {
	code := "none"
	if status != 0 {
		code = strconv.Itoa(status)
	}
	m.answers.WithLabelValues(method, code).Inc()
	if method != "getUpdates" {
		m.answerTime.Observe(took.Seconds())
	}
}

// Delivering counts what deliver does.
func (m *Metrics) Delivering(deliver func(context.Context, outbox.Letter) mailer.Verdict) func(context.Context, outbox.Letter) mailer.Verdict {
	return func(ctx context.Context, l outbox.Letter) mailer.Verdict {
		began := time.Now()
		v := deliver(ctx, l)
		m.letters.WithLabelValues(string(l.Kind), verdictLabel(v.Outcome)).Inc()
		m.letterTime.Observe(time.Since(began).Seconds())
		return v
	}
}

func verdictLabel(o mailer.Outcome) string { return strings.ReplaceAll(o.String(), " ", "_") }

// OfSQLite and OfRedis are storage.Observers.
func (m *Metrics) OfSQLite(operation string, took time.Duration, failed bool) {
	m.sqlite.WithLabelValues(operation).Observe(took.Seconds())
	if failed {
		m.sqliteFailed.WithLabelValues(operation).Inc()
	}
}

func (m *Metrics) OfRedis(command string, took time.Duration, failed bool) {
	m.redis.WithLabelValues(command).Observe(took.Seconds())
	if failed {
		m.redisFailed.WithLabelValues(command).Inc()
	}
}
