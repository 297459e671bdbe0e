package telegram

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestScrub: neither the token nor what Telegram echoes of a message is left in
// an error, and callers still know an end of the context.
func TestScrub(t *testing.T) {
	c := &Client{cfg: Config{Token: "1:secret"}}
	for _, err := range []error{
		errors.New(`Post "https://api.telegram.org/bot1:secret/sendMessage": EOF`),
		fmt.Errorf(`error decode response body for method editMessageText, {"ok":true,"result":{"text":"Иванова, %w`, errors.New("unexpected EOF")),
		fmt.Errorf(`Post "https://api.telegram.org/bot1:secret/sendMessage": %w`, context.DeadlineExceeded),
	} {
		got := c.Scrub(err)
		if strings.Contains(got.Error(), "secret") || strings.Contains(got.Error(), "Иванова") {
			t.Errorf("left: %v", got)
		}
		if errors.Is(err, context.DeadlineExceeded) != errors.Is(got, context.DeadlineExceeded) {
			t.Errorf("the end of the context is lost in %v", got)
		}
	}
}
