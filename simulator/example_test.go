package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/simulator"
)

// A bot that asks whether one agrees, the person who talks to it, and what she
// sees.
func Example() {
	tg := simulator.Start(simulator.Options{})
	defer tg.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	client, _ := bot.New(tg.Token(), bot.WithServerURL(tg.URL()), bot.WithNotAsyncHandlers(),
		bot.WithDefaultHandler(func(ctx context.Context, b *bot.Bot, u *models.Update) {
			if u.CallbackQuery != nil {
				_, _ = b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: u.CallbackQuery.ID, Text: "Спасибо"})
				return
			}
			_, _ = b.SendMessage(ctx, &bot.SendMessageParams{
				ChatID: u.Message.Chat.ID, Text: "<b>Согласны?</b>", ParseMode: models.ParseModeHTML,
				ReplyMarkup: models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "✅ Согласен", CallbackData: "yes"}}}},
			})
		}))
	go client.Start(ctx)

	anna := tg.Person("Анна", "Иванова").Chat()
	anna.Send("/start")
	if _, err := anna.AwaitText("Согласны"); err != nil {
		fmt.Println(err)
	}
	if err := anna.Press("Согласен"); err != nil {
		fmt.Println(err)
	}
	if _, err := anna.AwaitToast("Спасибо"); err != nil {
		fmt.Println(err)
	}
	fmt.Print(anna.Screen())
	marks, _ := json.Marshal(anna.Last().Entities)
	fmt.Println(anna.Last().HTML, string(marks))
	// Output:
	// > /start
	// Согласны?
	//     [✅ Согласен]
	// (Спасибо)
	// <b>Согласны?</b> [{"type":"bold","offset":0,"length":9}]
}
