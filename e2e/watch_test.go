package e2e

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"go.yaml.in/yaml/v3"

	"intakebot/e2e/harness"
)

// TestWatchedMetricsExist: dashboard, alert rules and documentation speak of
// series and labels that a running program has, and every series is documented.
func TestWatchedMetricsExist(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, listening, harness.Troubled, harness.WithMailbox, harness.With("BACKUP_DIR", t.TempDir()))
	anna := h.Clerk()
	anna.Escalates(anna.Files(), "Связи нет.")
	families, err := h.Program.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	series := map[string][]string{} // labels by the names that Prometheus stores
	for _, f := range families {
		labels := labelsOf(f)
		if f.GetType() == dto.MetricType_HISTOGRAM || f.GetType() == dto.MetricType_SUMMARY {
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				series[f.GetName()+suffix] = append(labels, "le")
			}
			continue
		}
		series[f.GetName()] = labels
	}
	// It appears with the first command that Redis does not carry out.
	series["intakebot_redis_failures_total"] = []string{"command"}

	expressions := append(dashboardExpressions(t), alertExpressions(t)...)
	if len(expressions) < 30 {
		t.Fatalf("%d expressions", len(expressions))
	}
	for _, e := range expressions {
		checkExpression(t, e, series)
	}
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if name := f.GetName(); strings.HasPrefix(name, "intakebot_") && !strings.Contains(string(page), "`"+name) {
			t.Errorf("docs/operations.md does not tell of %s", name)
		}
	}
}

func labelsOf(f *dto.MetricFamily) (labels []string) {
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			labels = append(labels, l.GetName())
		}
	}
	return labels
}

// Series are told from functions and labels of PromQL by their beginning.
var (
	selector = regexp.MustCompile(`\b((?:intakebot|process|go)_[a-z0-9_]+)(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)`)
	grouping = regexp.MustCompile(`by \(([^)]*)\)`)
)

// checkExpression holds an expression to the series that there are.
func checkExpression(t *testing.T, expression string, series map[string][]string) {
	t.Helper()
	found := selector.FindAllStringSubmatch(expression, -1)
	if len(found) == 0 {
		t.Errorf("%s: no series of ours", expression)
	}
	known := []string{"instance", "job"}
	for _, m := range found {
		labels, exists := series[m[1]]
		if !exists {
			t.Errorf("%s: there is no series %s", expression, m[1])
		}
		known = append(known, labels...)
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(labels, l[1]) {
				t.Errorf("%s: %s has no label %s", expression, m[1], l[1])
			}
		}
	}
	for _, g := range grouping.FindAllStringSubmatch(expression, -1) {
		for l := range strings.SplitSeq(g[1], ",") {
			if !slices.Contains(known, strings.TrimSpace(l)) {
				t.Errorf("%s: no series has the label %s", expression, l)
			}
		}
	}
}

// dashboardExpressions are those of the panels of deploy/grafana.json.
func dashboardExpressions(t *testing.T) (found []string) {
	t.Helper()
	data, err := os.ReadFile("deploy/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.Title == "" || p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %d %q: no title, nothing to show, or an id used twice", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			found = append(found, target.Expr)
		}
	}
	return found
}

// alertExpressions are those of deploy/alerts.yml, each of whose rules must say
// in Russian what is wrong and what to do.
func alertExpressions(t *testing.T) (found []string) {
	t.Helper()
	data, err := os.ReadFile("deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	russian := regexp.MustCompile(`[а-яё]{3}`)
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if !russian.MatchString(r.Annotations["summary"]) || !russian.MatchString(r.Annotations["description"]) || r.Labels["severity"] == "" {
				t.Errorf("the alert %s does not say what is wrong, what to do and how urgent it is", r.Alert)
			}
			found = append(found, r.Expr)
		}
	}
	return found
}

// TestLogJSON: each line is an object, and what is about an incident says so.
func TestLogJSON(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("LOG_FORMAT", "json"), harness.OverRedis, listening)
	anna := h.Clerk()
	n := anna.Files()
	anna.Escalates(n, "Связи нет.")
	h.Close()
	about := map[string]bool{}
	for line := range strings.Lines(h.Logged.String()) {
		var event struct {
			Time, Level, Msg, Incident string
			Chat                       int64
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.Time == "" || event.Level == "" || event.Msg == "" {
			t.Errorf("no event: %v\n%s", err, line)
		}
		if event.Incident == string(n) {
			about[event.Msg] = true
		}
		if event.Msg == "incident registered" && event.Chat == 0 {
			t.Errorf("the chat is missing: %s", line)
		}
	}
	for _, msg := range []string{"incident registered", "escalation queued", "letter"} {
		if !about[msg] {
			t.Errorf("no line %q about %s", msg, n)
		}
	}
}
