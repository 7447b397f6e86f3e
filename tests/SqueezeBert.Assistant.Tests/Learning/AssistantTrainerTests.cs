using Microsoft.Extensions.Time.Testing;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Assistant.Tests.Learning;

/// <summary>The sample's file, from sentences to a dialogue, on an encoder of random weights.</summary>
public sealed class AssistantTrainerTests(AssistantTrainerTests.Trained trained) : IClassFixture<AssistantTrainerTests.Trained>
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void ItLearnsItsExamples()
    {
        using var assistant = Load();
        Assert.Equal(["set_alarm", "set_timer", "get_weather", "transfer_money", "greet", "faq"], assistant.Intents);
        var understood = assistant.Understand("set a timer for ten minutes", TestContext.Current.CancellationToken);
        Assert.Equal((UnderstandingOutcome.Understood, "set_timer"), (understood.Outcome, understood.Intent));
        Assert.InRange(understood.Confidence, 0.5f, 1);
        Assert.Equal(understood.Confidence - understood.Alternatives[1].Score, understood.Margin, 5);
        Assert.Equal("set_timer", understood.Alternatives[0].Label);
        var slot = Assert.Single(understood.Slots);
        Assert.Equal(("duration", "ten minutes", "PT10M", SlotSource.Model), (slot.Slot, slot.Text, slot.Value?.Text, slot.Source));
        Assert.InRange(slot.Confidence, 0.5f, 1);
        Assert.InRange(slot.Margin, 0.1f, 1);
        Assert.Equal("ten minutes", understood.Text[slot.Start..slot.End]);
    }

    [Fact]
    public void ItsConversationsGoAsExpectedOfThoseThatItLearnt()
    {
        using var assistant = Load();
        var file = trained.Encoder.PathOf("conversations.yml");
        File.WriteAllText(file, """
            now: 2026-05-04T09:00:00Z
            conversations:
            - name: alarm
              turns:
              - user: set an alarm
                intent: set_alarm
                asked: time
                reply: For what time?
              - user: tomorrow at seven
                event: confirming
                slots: { time: 2026-05-05T07:00 }
              - user: no, half past eight
                slots: { time: 2026-05-05T08:30 }
              - user: "yes"
                event: completed
            - name: another request, later
              turns:
              - user: set a timer
                event: asked
              - user: set an alarm
                after: 11 minutes
                event: asked
                slots: { duration: ~ }
            """);
        var report = ConversationTests.Run(assistant, file, TestContext.Current.CancellationToken);
        Assert.Empty(report.Failures);
        Assert.Equal((2, 2, 6, 6), (report.Conversations, report.PassedConversations, report.Turns, report.PassedTurns));
        File.WriteAllText(file, "conversations:\n- turns:\n  - user: set an alarm\n    intent: greet\n    reply: no\n  - user: at noon\n");
        report = ConversationTests.Run(assistant, file, TestContext.Current.CancellationToken);
        Assert.Equal((0, 1), (report.PassedConversations, report.PassedTurns));
        Assert.Equal(
            [new("conversations[0]", 3, "set an alarm", "intent", "greet", "set_alarm"),
                new("conversations[0]", 3, "set an alarm", "reply", "no", "For what time?")],
            report.Failures);
    }

    [Fact]
    public void WhatTheCheckMeasuredIsKept()
    {
        var result = trained.Result;
        Assert.Equal((6, 8), (result.Intents, result.Slots));
        Assert.InRange(result.Checked, 8, 20);
        Assert.InRange(result.IntentAccuracy!.Value, 0, 1);
        Assert.NotNull(result.SlotF1);
        Assert.True(result.HasScope);
        Assert.Equal(["assistant.json", "assistant.safetensors", "assistant.yml", "questions"],
            Directory.EnumerateFileSystemEntries(result.Output).Select(Path.GetFileName)
                .Where(name => name is "questions" || name!.StartsWith("assistant", StringComparison.Ordinal)).Order());
        Assert.NotNull(ModelConfiguration.Load(result.Output).NamedHeads.Single(head => head.Name == "intent").CalibrationTemperature);

        // What it learnt fits well, and letters without sense do not.
        using var assistant = Load();
        Assert.True(assistant.Understand("set a timer for ten minutes", TestContext.Current.CancellationToken).InScope
            > assistant.Understand("q x z z y", TestContext.Current.CancellationToken).InScope);
    }

    [Fact]
    public void TheSameTurnHasTheSameBits()
    {
        using var one = Load(threads: 1);
        using var two = Load(threads: 2);
        foreach (var text in new[] { "wake me", "transfer 20 dollars to Anna", "what can you do" })
        {
            var (first, second) = (one.Reply(DialogueState.Start, text, TestContext.Current.CancellationToken),
                two.Reply(DialogueState.Start, text, TestContext.Current.CancellationToken));
            Assert.Equal(first.State.ToJson(), second.State.ToJson());
            Assert.Equal(first.Understanding?.Confidence, second.Understanding?.Confidence);
            Assert.Equal(first.Understanding?.InScope, second.Understanding?.InScope);
        }
    }

    [Fact]
    public void ThresholdsAreData()
    {
        using var assistant = Load(new AssistantThresholds { Intent = 1.01, InScope = 0, Question = 1.01 });
        var turn = assistant.Reply(DialogueState.Start, "set a timer for ten minutes", TestContext.Current.CancellationToken);
        Assert.Equal(DialogueEvent.Choosing, turn.Event);
        Assert.Matches("^I did not understand. Did you mean start a timer or .+\\?$", turn.Reply);
        using var strict = Load(new AssistantThresholds { InScope = 1.01, Question = 1.01 });
        turn = strict.Reply(DialogueState.Start, "set a timer", TestContext.Current.CancellationToken);
        Assert.Equal(DialogueEvent.OutOfScope, turn.Event);
    }

    [Fact]
    public void AQuestionOfTheListHasItsAnswer()
    {
        using var assistant = Load();
        var turn = assistant.Reply(DialogueState.Start, "what does a transfer cost", TestContext.Current.CancellationToken);
        Assert.Equal((DialogueEvent.Answered, "Transfers are free."), (turn.Event, turn.Reply));
    }

    [Fact]
    public void AModelWithoutTheFilesIsAnAssistantToo()
    {
        var bare = trained.Encoder.PathOf("bare");
        Directory.CreateDirectory(bare);
        foreach (var name in new[] { "config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json", "tokenizer.json" })
        {
            var file = Path.Combine(trained.Result.Output, name);
            if (File.Exists(file)) File.Copy(file, Path.Combine(bare, name));
        }

        using var assistant = Assistant.Load(bare);
        var turn = assistant.Reply(DialogueState.Start, "set a timer for ten minutes", TestContext.Current.CancellationToken);
        Assert.Equal((DialogueEvent.Completed, "set_timer", "set timer (duration: ten minutes)"), (turn.Event, turn.Intent, turn.Reply));
        Assert.Equal(turn.Understanding!.Confidence, turn.Understanding.InScope, 5);
        var dialogue = trained.Encoder.PathOf("dialogue.yml");
        File.WriteAllText(
            dialogue, "entities: { duration: duration }\ndialogue: { intents: { set_timer: { answer: 'For {duration}.' } } }\n");
        using var own = Assistant.Load(bare, new AssistantOptions { File = dialogue });
        Assert.Equal("For 10 minutes.",
            own.Reply(DialogueState.Start, "set a timer for ten minutes", TestContext.Current.CancellationToken).Reply);
        File.WriteAllText(dialogue, "nlu:\n- intent: dance\n  examples: |\n    - dance\n");
        Assert.Contains("train the assistant again",
            Assert.Throws<AssistantFileException>(() => Assistant.Load(bare, new AssistantOptions { File = dialogue })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void IntentsWithoutSlotsAreEnough()
    {
        var file = trained.Encoder.PathOf("plain.yml");
        File.WriteAllText(file, "nlu:\n- intent: yes\n  examples: |\n    - sure\n    - good\n"
            + "- intent: no\n  examples: |\n    - never\n    - cold\n");
        var training = trained.Training with { File = file, Output = trained.Encoder.PathOf("plain"), CheckEvery = 0 };
        var result = AssistantTrainer.Train(training, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((2, 0, null), (result.Intents, result.Slots, result.IntentAccuracy));
        using var assistant = Assistant.Load(result.Output);
        Assert.Equal("no", assistant.Understand("cold", TestContext.Current.CancellationToken).Intent);
        Assert.Empty(assistant.Slots);
        Assert.Throws<IOException>(() => AssistantTrainer.Train(training, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("start", Assert.Throws<InvalidModelFileException>(() => AssistantTrainer.Train(
            training with { From = result.Output, Output = trained.Encoder.PathOf("again") },
            cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(trained.Encoder.PathOf("."), "*.tmp"));
    }

    [Fact]
    public void WordsThatTheVocabularyDoesNotHaveAreNoError()
    {
        var file = trained.Encoder.PathOf("unknown.yml");
        File.WriteAllText(file, "nlu:\n" + string.Concat(new[] { "a", "b" }.Select(intent => $"- intent: {intent}\n  examples: |\n"
            + string.Concat(Enumerable.Range(0, 20).Select(i => $"    - \u4e00{(char)(0x4e10 + i)} {(char)(0x4e80 + i)}\n")))));
        var result = AssistantTrainer.Train(
            trained.Training with { File = file, Output = trained.Encoder.PathOf("unknown"), Epochs = 1 },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(result.HasScope);
        using var assistant = Assistant.Load(result.Output);
        Assert.InRange(assistant.Understand("\u4e00", TestContext.Current.CancellationToken).InScope, 0, 1);
    }

    /// <summary>The check reads slots of syllables, each of which is two or three tokens.</summary>
    [Fact]
    public void ItChecksTextsThatHaveMoreTokensThanCharacters()
    {
        string[] letters = [.. Enumerable.Range(0x1100, 0x100).Select(letter => ((char)letter).ToString())];
        using var encoder = new TinyEncoder([.. letters, .. letters.Select(letter => $"##{letter}")]);
        string[] cities = ["서울", "부산", "대구", "인천", "광주", "대전", "울산", "수원", "창원", "전주"];
        var file = encoder.PathOf("korean.yml");
        File.WriteAllText(file, "nlu:\n- intent: weather\n  examples: |\n"
            + string.Concat(cities.Select(city => $"    - [{city}](city) 날씨 어때요\n"))
            + "- intent: greet\n  examples: |\n"
            + string.Concat(cities.Select(city => $"    - 안녕하세요 {city}\n")));
        var result = AssistantTrainer.Train(
            trained.Training with { File = file, From = encoder.Model, Output = encoder.PathOf("korean"), Epochs = 20 },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(result.SlotF1!.Value, 0, 1);
        using var assistant = Assistant.Load(result.Output);
        var understood = assistant.Understand("서울 날씨 어때요", TestContext.Current.CancellationToken);
        Assert.Equal(("weather", "서울"), (understood.Intent, Assert.Single(understood.Slots).Text));
    }

    [Fact]
    public void ACancelledTrainingLeavesNothing()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var training = trained.Training with { Output = trained.Encoder.PathOf("cancelled") };
        Assert.ThrowsAny<OperationCanceledException>(() => AssistantTrainer.Train(training, cancellationToken: source.Token));
        Assert.False(Directory.Exists(training.Output));
        Assert.Empty(Directory.EnumerateDirectories(trained.Encoder.PathOf("."), "*.tmp"));
    }

    private Assistant Load(AssistantThresholds? thresholds = null, int threads = 1) => Assistant.Load(trained.Result.Output, new()
    {
        TimeProvider = new FakeTimeProvider(Now),

        // An encoder of random weights knows no question from another.
        Thresholds = thresholds ?? new AssistantThresholds { InScope = 0.001, Question = 0.999 },
        Model = new ModelOptions { Threads = threads },
    });

    /// <summary>Trained once for all tests.</summary>
    public sealed class Trained : IDisposable
    {
        public Trained()
        {
            Training = new AssistantTraining
            {
                File = TinyEncoder.Sample,
                From = Encoder.Model,
                Output = Encoder.PathOf("home"),
                Epochs = 30,
                LearningRate = 4e-3,
            };
            Result = AssistantTrainer.Train(Training);
        }

        internal TinyEncoder Encoder { get; } = new();

        internal AssistantTraining Training { get; }

        internal AssistantTrainingResult Result { get; }

        public void Dispose() => Encoder.Dispose();
    }
}
