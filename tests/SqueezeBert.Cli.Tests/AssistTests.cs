using System.Text.Json;
using SqueezeBert.Assistant;

namespace SqueezeBert.Cli.Tests;

/// <summary>The commands of assistants, on one that a tiny model learns.</summary>
public sealed class AssistTests(AssistTests.Home home) : IClassFixture<AssistTests.Home>
{
    [Fact]
    public void TrainingTellsWhatItMeasured()
    {
        Assert.Matches("(?m)^assistant: .+, 2 intents, 1 slots, 32 examples$", home.Output);
        Assert.Matches("(?m)^checked:   intents [0-9.]+ % right, slots [0-9.]+ F1, on 6 examples", home.Output);
        Assert.Matches("(?m)^try:       squeezebert chat --model ", home.Output);
    }

    [Fact]
    public void TextsAreUnderstood()
    {
        var json = JsonDocument.Parse(ToolRun.Of("assist", "--model", home.Model, "--json", "a nine").Succeeds()).RootElement;
        Assert.Equal("alarm", json.GetProperty("intent").GetString());
        Assert.Equal(2, json.GetProperty("alternatives").GetArrayLength());
        Assert.InRange(json.GetProperty("in_scope").GetDouble(), 0, 1);
        Assert.Equal(["text", "outcome", "intent", "confidence", "margin", "in_scope", "alternatives", "slots"],
            json.EnumerateObject().Select(field => field.Name));
        Assert.Matches("^alarm  0\\.[0-9]{4}  margin 0\\.[0-9]{4}  in scope [01]\\.[0-9]{4}",
            ToolRun.Of("assist", "--model", home.Model, "a nine").Succeeds());
        var file = home.Write("requests.txt", "a nine\nt nine\n");
        var lines = ToolRun.Of("assist", "--model", home.Model, "--json", "--file", file).Succeeds().TrimEnd('\n').Split('\n');
        Assert.Equal(["alarm", "timer"],
            lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("intent").GetString()));
    }

    [Fact]
    public void ALineOfAChatHasAReply()
    {
        var lines = TestTool.RunOn("a\n\nnine\nyes\n", "chat", "--model", home.Model).Succeeds().TrimEnd('\n').Split('\n');
        Assert.Equal(["When?", "At 09:00?", "Set for 09:00."], lines);
        var turns = TestTool.RunOn("a\nnine\n", "chat", "--model", home.Model, "--json").Succeeds().TrimEnd('\n').Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(("asked", "confirming"), (turns[0].GetProperty("event").GetString(), turns[1].GetProperty("event").GetString()));
        Assert.Equal("09:00", turns[1].GetProperty("slots").GetProperty("time").GetProperty("text").GetString());
        Assert.Equal(DialogueQuestion.Confirmation, DialogueState.FromJson(turns[1].GetProperty("state").GetRawText()).Question);
        Assert.Contains("alarm  0.", TestTool.RunOn("a\n", "chat", "--model", home.Model, "--show").Succeeds(), StringComparison.Ordinal);
    }

    [Fact]
    public void TestsAsDataFailWhereATurnIsNotAsExpected()
    {
        var good = home.Write("good.yml", "conversations:\n- turns:\n  - user: a\n    intent: alarm\n    asked: time\n");
        Assert.Equal("1 of 1 conversations and 1 of 1 turns as expected\n",
            ToolRun.Of("assist", "test", good, "--model", home.Model).Succeeds());
        var bad = home.Write(
            "bad.yml", "conversations:\n- name: b\n  turns:\n  - user: a\n    intent: timer\n  - user: nine\n    event: confirming\n");
        var run = ToolRun.Of("assist", "test", bad, "--model", home.Model);
        Assert.Equal((1, ""), (run.Code, run.Error));
        Assert.Equal(
            $"{bad}:4: b: \"a\": intent is 'alarm', not 'timer'\n0 of 1 conversations and 1 of 2 turns as expected\n", run.Output);
        var json = JsonDocument.Parse(ToolRun.Of("assist", "test", bad, "--model", home.Model, "--json").Output).RootElement;
        Assert.Equal(("timer", "alarm"), (json.GetProperty("failures")[0].GetProperty("expected").GetString(),
            json.GetProperty("failures")[0].GetProperty("actual").GetString()));
    }

    [Fact]
    public void WhatIsWrongIsToldInOneLine()
    {
        ToolRun.Of("assist").AssertFails(2, "squeezebert assist: give a text");
        ToolRun.Of("assist", "a").AssertFails(2, "squeezebert assist: name an assistant with --model");
        ToolRun.Of("assist", "train", home.Write("x.yml", "nlu: 3\n"), "--from", home.Encoder, "--output", home.PathOf("x"))
            .AssertFails(1, "squeezebert assist train: ", "x.yml:1: nlu: is a text, not a list");
        ToolRun.Of("assist", "train", home.PathOf("home.yml"), "--from", home.Encoder, "--output", home.Model)
            .AssertFails(1, "squeezebert assist train: ", "is not empty");
        ToolRun.Of("assist", "train", "x", "--output", "y", "--no-check", "--check-every", "3").AssertFails(2, "--check-every does not go");
        ToolRun.Of("assist", "test", home.PathOf("none.yml"), "--model", home.Model)
            .AssertFails(1, "squeezebert assist test: ", "none.yml: cannot be read: no such file");
        ToolRun.Of("chat", "--model", home.PathOf("none")).AssertFails(1, "squeezebert chat: ");
        Assert.Contains("squeezebert assist train home.yml", ToolRun.Of("assist", "train", "--help").Succeeds(), StringComparison.Ordinal);
    }

    /// <summary>An assistant that tells "a" from "t", and digits and numbers from both.</summary>
    public sealed class Home : IDisposable
    {
        private readonly TestTool _tool = new("squeezebert-encoder");

        public Home()
        {
            string[] numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
            var nlu = string.Concat(new[] { "alarm", "timer" }.Select(intent => $"- intent: {intent}\n  examples: |\n"
                + string.Concat(numbers.SelectMany(
                    number => new[] { $"    - {intent[0]} [{number}](time)\n", $"    - {intent[0]} {intent[0]}\n" }))));
            Write("home.yml", $$"""
                nlu:
                {{nlu}}
                entities: { time: time }
                dialogue:
                  intents:
                    alarm:
                      slots: [{ slot: time, prompt: "When?" }]
                      confirm: "At {time}?"
                      answer: "Set for {time}."
                thresholds: { intent: 0, margin: 0, in_scope: 0 }
                """);
            Output = ToolRun.Of("assist", "train", PathOf("home.yml"), "--from", Encoder, "--output", Model, "--epochs", "30",
                "--learning-rate", "2e-3").Succeeds();
        }

        public string Encoder => _tool.Model;

        public string Model => PathOf("home");

        public string Output { get; }

        public string PathOf(string name) => Path.Combine(_tool.Folder, name);

        public string Write(string name, string content) => _tool.Write(name, content);

        public void Dispose() => _tool.Dispose();
    }
}
