namespace SqueezeBert.Assistant.Tests.Dialogue;

public sealed class DialogueTests
{
    [Fact]
    public void WhatIsMissingIsAskedForAndConfirmed()
    {
        var chat = new Scripted().Knows("wake me", "alarm");
        var turn = chat.Say("wake me");
        Assert.Equal((DialogueEvent.Asked, "When?", "time"), (turn.Event, turn.Reply, turn.State.AskedSlot));
        turn = chat.Say("tomorrow at seven");
        Assert.Equal((DialogueEvent.Confirming, "At 2026-05-05 07:00?"), (turn.Event, turn.Reply));
        turn = chat.Say("Yes!");
        Assert.Equal((DialogueEvent.Completed, "Alarm at 2026-05-05 07:00.", "alarm"), (turn.Event, turn.Reply, turn.Intent));
        Assert.Equal("2026-05-05T07:00", turn.Slots["time"].Value.Text);
        Assert.Null(turn.State.Intent);
    }

    [Fact]
    public void ACorrectionChangesWhatItNames()
    {
        var chat = new Scripted().Knows("wake me tomorrow at seven", "alarm", slots: ("time", "tomorrow at seven"));
        chat.Say("wake me tomorrow at seven");
        Assert.Equal("At 2026-05-08 07:00?", chat.Say("no, Friday").Reply);
        Assert.Equal("At 2026-05-08 08:15?", chat.Say("actually quarter past eight").Reply);
        Assert.Equal("What should I change?", chat.Say("no").Reply);
        Assert.Equal("At 2026-05-05 08:15?", chat.Say("tuesday").Reply);
        Assert.Equal(DialogueEvent.Completed, chat.Say("ok").Event);
    }

    [Fact]
    public void ACorrectionToMidnightIsTheEndOfTheDay()
    {
        var chat = new Scripted().Knows("wake me tonight at 8", "alarm", slots: ("time", "tonight at 8"));
        Assert.Equal("At 2026-05-04 20:00?", chat.Say("wake me tonight at 8").Reply);
        Assert.Equal("At 2026-05-05 00:00?", chat.Say("no, midnight").Reply);
        Assert.Equal("At 2026-05-08 00:00?", chat.Say("no, Friday").Reply);
    }

    [Fact]
    public void ACorrectionOpensWhatWasDoneLast()
    {
        var chat = new Scripted().Knows("weather in Rome", "weather", slots: ("city", "Rome"))
            .Knows("Oslo", "weather", slots: ("city", "Oslo"));
        Assert.Equal("Sun in Rome.", chat.Say("weather in Rome").Reply);
        var turn = chat.Say("no, I meant Oslo");
        Assert.Equal((DialogueEvent.Completed, "weather", "Sun in Oslo."), (turn.Event, turn.Intent, turn.Reply));
        Assert.Equal(DialogueEvent.OutOfScope, chat.Say("no, bananas").Event);
    }

    [Fact]
    public void ARequestIsTakenBack()
    {
        var chat = new Scripted().Knows("wake me", "alarm");
        chat.Say("wake me");
        var turn = chat.Say("never mind.");
        Assert.Equal((DialogueEvent.Cancelled, "All right, cancelled."), (turn.Event, turn.Reply));
        Assert.Null(chat.State.Intent);
        Assert.Equal("There is nothing to cancel.", chat.Say("cancel").Reply);
    }

    [Fact]
    public void AnOpenRequestEndsWithTime()
    {
        var chat = new Scripted().Knows("wake me", "alarm");
        chat.Say("wake me");
        chat.Now = chat.Now.AddMinutes(10);
        Assert.False(chat.Say("?").IsTimedOut);
        chat.Now = chat.Now.AddMinutes(10).AddSeconds(1);
        var turn = chat.Say("at noon");
        Assert.True(turn.IsTimedOut);
        Assert.Equal((DialogueEvent.OutOfScope, (string?)null), (turn.Event, turn.State.Intent));
    }

    [Fact]
    public void ValuesAreCarriedForSoManyTurns()
    {
        var chat = new Scripted().Knows("weather in Rome", "weather", slots: ("city", "Rome")).Knows("and the weather", "weather")
            .Knows("hi", "hello");
        chat.Say("weather in Rome");
        chat.Say("hi");
        Assert.Equal("Sun in Rome.", chat.Say("and the weather").Reply);
        Assert.Equal(1, chat.State.Carried["city"].Turn);
        Assert.Equal("In which city?", chat.Say("and the weather").Reply);
    }

    [Fact]
    public void AnAnswerNeedsNoRole()
    {
        var chat = new Scripted().Knows("travel", "travel")
            .Knows("I start in Rome", "travel", UnderstandingOutcome.Ambiguous, ("city", "Rome"));
        Assert.Equal("From where?", chat.Say("travel").Reply);
        Assert.Equal("Where to?", chat.Say("I start in Rome").Reply);
        Assert.Equal("From Rome to Paris.", chat.Say("paris").Reply);
    }

    [Fact]
    public void AnotherRequestTakesThePlaceOfAQuestion()
    {
        var chat = new Scripted().Knows("wake me", "alarm").Knows("weather in Rome", "weather", slots: ("city", "Rome"));
        chat.Say("wake me");
        Assert.Equal("Sun in Rome.", chat.Say("weather in Rome").Reply);
    }

    [Fact]
    public void WhatIsNotUnderstoodIsAskedForAgainAndThenGivenUp()
    {
        var chat = new Scripted().Knows("wake me", "alarm");
        chat.Say("wake me");
        var turn = chat.Say("purple");
        Assert.Equal((DialogueEvent.Asked, "I did not understand that. When?"), (turn.Event, turn.Reply));
        turn = chat.Say("purple");
        Assert.Equal((DialogueEvent.NotUnderstood, (string?)null), (turn.Event, turn.State.Intent));
    }

    [Fact]
    public void WordsOfAnyKindFillAFreeSlot()
    {
        var chat = new Scripted().Knows("write", "note");
        chat.Say("write");
        Assert.Equal("Written: milk and eggs", chat.Say(" milk and eggs ").Reply);
    }

    [Theory]
    [InlineData("the first one", "alarm")]
    [InlineData("set an alarm", "alarm")]
    [InlineData("2", "hello")]
    public void OfTwoIntentsTheUserChooses(string choice, string intent)
    {
        var chat = new Scripted().Knows("at noon", "alarm", UnderstandingOutcome.Ambiguous, ("time", "at noon"));
        var turn = chat.Say("at noon");
        Assert.Equal((DialogueEvent.Choosing, "I did not understand. Did you mean set an alarm or hello?"), (turn.Event, turn.Reply));
        turn = chat.Say(choice);
        Assert.Equal(intent, turn.Intent);
        if (intent == "alarm") Assert.Equal("At 2026-05-04 12:00?", turn.Reply);
    }

    [Fact]
    public void NeitherOfTwoIntentsIsAnAnswerToo()
    {
        var chat = new Scripted().Knows("at noon", "alarm", UnderstandingOutcome.Ambiguous);
        chat.Say("at noon");
        Assert.Equal(DialogueEvent.NotUnderstood, chat.Say("no").Event);
        Assert.Equal(DialogueQuestion.None, chat.State.Question);
    }

    [Fact]
    public void AYesToTwoIntentsIsAskedAgainAndThenGivenUp()
    {
        var chat = new Scripted().Knows("at noon", "alarm", UnderstandingOutcome.Ambiguous, ("time", "at noon"));
        const string Question = "I did not understand. Did you mean set an alarm or hello?";
        Assert.Equal(Question, chat.Say("at noon").Reply);
        var turn = chat.Say("yes");
        Assert.Equal((DialogueEvent.Choosing, Question), (turn.Event, turn.Reply));
        Assert.Equal("At 2026-05-04 12:00?", chat.Say("1").Reply);
        chat.State = DialogueState.Start;
        foreach (var text in new[] { "at noon", "yes", "yes" }) turn = chat.Say(text);
        Assert.Equal((DialogueEvent.NotUnderstood, "I still do not understand, so I stop here."), (turn.Event, turn.Reply));
        Assert.Equal(DialogueQuestion.None, chat.State.Question);
    }

    [Theory]
    [InlineData("no")]
    [InlineData("Yes, please!")]
    [InlineData("sure")]
    public void AnAnswerToNoQuestionIsNoRequest(string text)
    {
        // Whatever the model takes the word for, and after a request that is done too.
        var chat = new Scripted().Knows(text, "hello").Knows("weather in Rome", "weather", slots: ("city", "Rome"));
        foreach (var before in new[] { null, "weather in Rome" })
        {
            if (before is not null) chat.Say(before);
            var turn = chat.Say(text);
            Assert.Equal((DialogueEvent.NotUnderstood, "I have not asked you anything. What can I do for you?", (string?)null),
                (turn.Event, turn.Reply, turn.Intent));
        }
    }

    [Theory]
    [InlineData("Stop!")]
    [InlineData("okay")]
    public void AnExampleOfAnIntentIsARequestWhereNothingIsAsked(string text)
    {
        var chat = new Scripted().Knows(text, "pause").Knows("wake me", "alarm");
        var turn = chat.Say(text);
        Assert.Equal((DialogueEvent.Completed, "pause"), (turn.Event, turn.Intent));
        chat.Say("wake me");
        if (text == "Stop!") Assert.Equal("All right, cancelled.", chat.Say(text).Reply);
    }

    [Fact]
    public void AQuestionOfTheListIsAnsweredInBetween()
    {
        var chat = new Scripted().Knows("wake me", "alarm");
        Assert.Equal("Nothing.", chat.Say("what will it cost me").Reply);
        chat.Say("wake me");
        Assert.Equal((DialogueEvent.Answered, "alarm"), (chat.Say("what is the cost").Event, chat.State.Intent));
        Assert.Equal("At 2026-05-05 08:00?", chat.Say("at eight").Reply);
    }

    [Fact]
    public void AStateIsPlainData()
    {
        var chat = new Scripted().Knows("weather in Rome", "weather", slots: ("city", "Rome"));
        chat.Say("weather in Rome");
        Assert.Equal("""
            {"turn":1,"time":"2026-05-04T09:00:00+00:00","slots":{},"question":"None","attempts":0,"choices":[],"last_intent":"weather","carried":{"city":{"value":{"kind":"Text","text":"Rome"},"text":"Rome","turn":1,"time":"2026-05-04T09:00:00+00:00"}}}
            """.Trim(), chat.State.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"slots\":null}")]
    [InlineData("{\"slots\":{\"a\":null}}")]
    [InlineData("{\"turn\":-1}")]
    [InlineData("{\"question\":77}")]
    [InlineData("{\"slots\":{\"a\":{\"value\":{\"kind\":9,\"text\":\"x\"},\"text\":\"\",\"turn\":0,\"time\":\"2026-05-04T09:00:00Z\"}}}")]
    public void WhatIsNoStateIsRefused(string json) => Assert.Throws<FormatException>(() => DialogueState.FromJson(json));

    [Fact]
    public void AStateOfAnotherAssistantIsHarmless()
    {
        var chat = new Scripted();
        foreach (var state in new[]
        {
            new DialogueState { Intent = "gone", Question = DialogueQuestion.Slot, AskedSlot = "time" },
            new DialogueState { Intent = "alarm", Question = DialogueQuestion.Slot, AskedSlot = "gone" },
            new DialogueState { Question = DialogueQuestion.Confirmation },
            new DialogueState { Question = DialogueQuestion.Slot },
            new DialogueState { Question = DialogueQuestion.Choice, Choices = ["gone", "gone too"], ChoiceText = "x" },
            new DialogueState { LastIntent = "gone" },
        })
        {
            foreach (var text in new[] { "yes", "no", "at noon", "no, at noon", "1", "" })
            {
                chat.State = state;
                Assert.NotNull(chat.Say(text).Reply);
            }
        }
    }
}
