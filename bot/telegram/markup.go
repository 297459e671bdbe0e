package telegram

import (
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
)

// markup chooses the one markup that a message can have.
func markup(m conversation.Message) models.ReplyMarkup {
	switch {
	case m.Contact:
		rows := [][]models.KeyboardButton{{{Text: conversation.LabelContact, RequestContact: true}}}
		for _, row := range m.Buttons {
			var buttons []models.KeyboardButton
			for _, b := range row {
				buttons = append(buttons, models.KeyboardButton{Text: b.Label})
			}
			rows = append(rows, buttons)
		}
		return &models.ReplyKeyboardMarkup{Keyboard: rows, ResizeKeyboard: true, IsPersistent: true}
	case len(m.Buttons) > 0:
		return inline(m.Buttons)
	case m.RemoveKeyboard:
		return &models.ReplyKeyboardRemove{RemoveKeyboard: true}
	}
	return nil
}

func inline(rows [][]conversation.Button) *models.InlineKeyboardMarkup {
	k := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{}}
	for _, row := range rows {
		var buttons []models.InlineKeyboardButton
		for _, b := range row {
			buttons = append(buttons, models.InlineKeyboardButton{Text: b.Label, CallbackData: b.Data, Style: string(b.Style)})
		}
		k.InlineKeyboard = append(k.InlineKeyboard, buttons)
	}
	return k
}
