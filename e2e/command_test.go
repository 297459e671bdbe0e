package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"intakebot/app"
	"intakebot/app/monitor"
	"intakebot/demo"
	"intakebot/e2e/harness"
)

// wrongSettings are values that no variable should hold.
var wrongSettings = map[string]string{
	"TELEGRAM_BOT_TOKEN": "S3CRET", "SUPPORT_CHAT_ID": "100", "REDIS_URL": "S3CRET@redis", "SMTP_HOST": "mail:25", "SMTP_PORT": "0",
	"MAIL_FROM": "nobody", "HTTP_ADDR": "8080", "TIMEZONE": "Kurgan", "DRAFT_TTL": "0s", "BACKUP_DIR": "/no/such/folder",
}

// TestExitCodes: a wrong setting or command line ends with 2 and says why on
// standard error, what works with 0.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	serve := harness.StartProcess(t, wrongSettings, "serve")
	if code := serve.Code(); code != 2 || strings.Count(serve.Out.String(), "\n") < len(wrongSettings) || strings.Contains(serve.Out.String(), "S3CRET") {
		t.Errorf("exit code %d:\n%s", code, serve.Out)
	}
	if bare := harness.StartProcess(t, wrongSettings); bare.Code() != 2 {
		t.Errorf("without a command: exit code %d:\n%s", bare.Code(), bare.Out)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"version", 0, runtime.Version()}, {"line", 0, "[second]"}, {"line up", 2, "usage"}, {"help", 0, "intakebot serve"}, {"nonsense", 2, "nonsense"}, {"serve now", 2, "no arguments"},
		{"backup", 2, "backup FILE"}, {"export", 2, "export --format"}, {"export --format yaml f", 2, "export --format"},
		{"export f --from yesterday", 2, "2026-11-01"}, {"export f --from 2026-11-02 --to 2026-11-01", 2, "both included"}, {"demo --nonsense", 2, "demo"},
	} {
		var out, errs bytes.Buffer
		code := runs(t.Context(), strings.Fields(c.args), &out, &errs)
		said, silent := out.String(), errs.String()
		if c.code != 0 {
			said, silent = silent, said
		}
		if code != c.code || !strings.Contains(said, c.says) || silent != "" {
			t.Errorf("%s: exit code %d, out %q, errors %q", c.args, code, &out, &errs)
		}
	}
}

// runs carries out a command line in this process.
func runs(ctx context.Context, args []string, out, errs io.Writer) int {
	return app.Run(ctx, append(app.Commands(monitor.Build{Version: "dev"}), demo.Command), args, out, errs)
}

// TestDemoScript: the demonstration prints the number and both letters and ends
// well, with nothing but this binary.
func TestDemoScript(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), harness.Patience)
	defer cancel()
	var out, errs bytes.Buffer
	if code := runs(ctx, []string{"demo", "--script"}, &out, &errs); code != 0 {
		t.Fatalf("exit code %d\n%s", code, &errs)
	}
	n := harness.NumberForm.FindString(out.String())
	for _, part := range []string{
		fmt.Sprintf("зарегистрировано: № %s", n), "Тема: Обращение " + n, "Тема: Эскалация обращения " + n,
		"Наименование ОИВ (ОМСУ):", "Текущее состояние решения проблемы:",
	} {
		if n == "" || !harness.Holds(out.String(), part) {
			t.Errorf("the demonstration lacks %q:\n%s", part, &out)
		}
	}
}
