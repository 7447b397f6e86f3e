using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Checkpoints;
using SqueezeBert.Models;

namespace SqueezeBert.Assistant.Tests;

/// <summary>The assistant that ships, which knows what it is not for.</summary>
public sealed class ShippedAssistantTests(ShippedAssistantTests.Shipped shipped) : IClassFixture<ShippedAssistantTests.Shipped>
{
    [Theory]
    [InlineData("how do I boil an egg")]
    [InlineData("what is the capital of France")]
    [InlineData("asdf qwer")]
    [InlineData("no")]
    [InlineData("tell me a joke")]
    [InlineData("set an alarm for seven")]
    [InlineData("how much money is on my account")]
    public void WhatItIsNotForHasNoIntent(string text)
    {
        var cancel = TestContext.Current.CancellationToken;
        var understood = shipped.Assistant.Understand(text, cancel);
        Assert.Equal(UnderstandingOutcome.OutOfScope, understood.Outcome);
        Assert.InRange(understood.InScope, 0, 0.1);
        var turn = shipped.Assistant.Reply(DialogueState.Start, text, cancel);
        Assert.Null(turn.Intent);
        Assert.Equal(
            text == "no" ? "I have not asked you anything. What can I do for you?" : "Sorry, I cannot help with that.", turn.Reply);
    }

    [Theory]
    [InlineData("play some jazz", "PlayMusic")]
    [InlineData("book a table for two tomorrow", "BookRestaurant")]
    [InlineData("will it rain in Paris on Friday", "GetWeather")]
    [InlineData("add this song to my workout playlist", "AddToPlaylist")]
    [InlineData("give the hobbit five stars", "RateBook")]
    [InlineData("find the movie avatar", "SearchCreativeWork")]
    [InlineData("when is the next movie at the cinema", "SearchScreeningEvent")]
    public void WhatItIsForIsUnderstood(string text, string intent)
    {
        var cancel = TestContext.Current.CancellationToken;
        var understood = shipped.Assistant.Understand(text, cancel);
        Assert.Equal((UnderstandingOutcome.Understood, intent), (understood.Outcome, understood.Intent));
        Assert.InRange(understood.InScope, 0.9, 1);
        var turn = shipped.Assistant.Reply(DialogueState.Start, text, cancel);
        Assert.Equal((DialogueEvent.Completed, intent), (turn.Event, turn.Intent));
    }

    [Fact]
    public void TheProbabilityIsThatOfAPlainTwin()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var model = InferenceModel.Load(AssistantModels.English, new ModelOptions { Threads = 1 });
        using var embedder = TextAnalyzer.Vectors(model);
        using var file = SafetensorsFile.Open(Path.Combine(AssistantModels.English, "assistant.safetensors"));
        var width = model.Configuration.HiddenSize;
        var factor = new float[width * width];
        var means = new float[7 * width];
        file.ReadFloats("covariance_factor", factor);
        file.ReadFloats("whitened_means", means);
        var scope = AssistantMeasures.Load(Path.Combine(AssistantModels.English, "assistant.json")).Scope!;
        var (bias, ofDistance, ofConfidence) = scope.Regression!.Value;
        foreach (var text in new[] { "play some jazz", "how do I boil an egg", "play", "jazz", "set an alarm for seven" })
        {
            var understood = shipped.Assistant.Understand(text, cancel);
            var vector = embedder.Embed(text, cancellationToken: cancel).Vector.ToArray();
            var white = new double[width];
            for (var row = 0; row < width; row++)
            {
                double sum = vector[row];
                for (var k = 0; k < row; k++) sum -= factor[(row * width) + k] * white[k];
                white[row] = sum / factor[(row * width) + row];
            }

            var distance = Enumerable.Range(0, 7).Min(intent => Enumerable.Range(0, width)
                .Sum(i => Math.Pow(white[i] - means[(intent * width) + i], 2)));
            var p = Math.Clamp(understood.Confidence, 1e-6, 1 - 1e-6);
            var score = bias + (ofDistance * (Math.Log(distance) - scope.Distance.Mean) / scope.Distance.Deviation)
                + (ofConfidence * (scope.Confidence.Mean - Math.Log(p / (1 - p))) / scope.Confidence.Deviation);
            var expected = 1 / (1 + Math.Exp(-score));
            Assert.InRange(understood.InScope, expected * (1 - 1e-9), expected * (1 + 1e-9));
        }
    }

    [Fact]
    public void AProbabilityHasAnotherThresholdUnlessOneIsGiven()
    {
        Assert.Equal(0.5, shipped.Assistant.Thresholds.InScope);
        var file = Path.GetTempFileName();
        try
        {
            foreach (var (text, expected) in new[] { ("thresholds: { intent: 0.4 }\n", 0.5), ("thresholds: { in_scope: 0.25 }\n", 0.25) })
            {
                File.WriteAllText(file, text);
                using var own = Assistant.Load(AssistantModels.English, new AssistantOptions { File = file });
                Assert.Equal(expected, own.Thresholds.InScope);
            }
        }
        finally
        {
            File.Delete(file);
        }

        using var given = Assistant.Load(
            AssistantModels.English, new AssistantOptions { Thresholds = new AssistantThresholds { InScope = 0.75 } });
        Assert.Equal(0.75, given.Thresholds.InScope);
    }

    [Fact]
    public void AnotherHeadHasAScopeOfItsOwn()
    {
        using var everyday = Assistant.Load(AssistantModels.English, new AssistantOptions { IntentHead = "everyday" });
        var understood = everyday.Understand("set an alarm for seven", TestContext.Current.CancellationToken);
        Assert.Equal((UnderstandingOutcome.Understood, "alarm"), (understood.Outcome, understood.Intent));

        // The slots of the model belong to the intents of its first head.
        Assert.Empty(everyday.Understand("wake me at half past seven", TestContext.Current.CancellationToken).Slots);
        Assert.Equal(UnderstandingOutcome.OutOfScope,
            everyday.Understand("what is the capital of France", TestContext.Current.CancellationToken).Outcome);
    }

    /// <summary>Decomposition makes two or three tokens of one syllable, and more code units of one character.</summary>
    [Theory]
    [InlineData("안녕하세요 오늘 날씨 어때요")]
    [InlineData("각")]
    [InlineData("play 강남스타일 by 싸이")]
    [InlineData("கொ கோ கௌ")]
    [InlineData("কো ৌ")]
    [InlineData("\U0001D15E\U0001D160")]
    [InlineData("\u1F82\u0390 \u0DDD ﷺ ㍿")]
    public void ATextMayHaveMoreTokensThanCharacters(string text)
    {
        var cancel = TestContext.Current.CancellationToken;
        var understood = shipped.Assistant.Understand(text, cancel);
        Assert.All(understood.Slots, slot => Assert.Equal(slot.Text, text[slot.Start..slot.End]));
        Assert.All(understood.Slots, slot => Assert.InRange(slot.Confidence, 0, 1));
        Assert.NotNull(shipped.Assistant.Reply(DialogueState.Start, text, cancel).Reply);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("No.")]
    public void AnAnswerToNoQuestionIsNoRequest(string text)
    {
        var turn = shipped.Assistant.Reply(DialogueState.Start, text, TestContext.Current.CancellationToken);
        Assert.Equal((DialogueEvent.NotUnderstood, (string?)null), (turn.Event, turn.Intent));
        Assert.Equal("There is nothing to cancel.",
            shipped.Assistant.Reply(turn.State, "cancel", TestContext.Current.CancellationToken).Reply);
    }

    /// <summary>Loaded once for all tests.</summary>
    public sealed class Shipped : IDisposable
    {
        public Assistant Assistant { get; } =
            Assistant.Load(AssistantModels.English, new AssistantOptions { Model = new ModelOptions { Threads = 1 } });

        public void Dispose() => Assistant.Dispose();
    }
}
