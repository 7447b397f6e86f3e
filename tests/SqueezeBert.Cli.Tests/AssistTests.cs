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
    public void TheModelInTheBoxAnswersWhereNoneIsNamed() => Assert.StartsWith(
        "PlayMusic  ", ToolRun.Of("assist", "play some jazz by miles davis").Succeeds(), StringComparison.Ordinal);

    [Fact]
    public void WhatTheModelInTheBoxIsNotForIsNotUnderstood()
    {
        Assert.Matches(
            "^not understood, out of scope  nearest  [A-Za-z]+  0\\.[0-9]{4}  margin 0\\.[0-9]{4}  in scope 0\\.00[0-9]{2}\n$",
            ToolRun.Of("assist", "how do I boil an egg").Succeeds());
        var json = JsonDocument.Parse(ToolRun.Of("assist", "how do I boil an egg", "--json").Succeeds()).RootElement;
        Assert.Equal("out_of_scope", json.GetProperty("outcome").GetString());
        Assert.Equal(
            ["Sorry, I cannot help with that.", "I have not asked you anything. What can I do for you?", "PlayMusic (genre: jazz)"],
            TestTool.RunOn("how do I boil an egg\nno\nplay some jazz\n", "chat").Succeeds().TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void TwoIntentsAreOffered()
    {
        var unsure = home.Write("unsure.yml", "thresholds: { intent: 1, in_scope: 0 }\n");
        Assert.Matches("^not understood, did you mean  alarm  0\\.[0-9]{4}  or  timer  0\\.[0-9]{4}  margin 0\\.[0-9]{4}  in scope ",
            ToolRun.Of("assist", "--model", home.Model, "--dialogue", unsure, "a nine").Succeeds());
    }

    [Fact]
    public void ScopeIsMeasuredAndLearnt()
    {
        string[] numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
        var inside = home.Write("inside.tsv", "text\tintent\n" + string.Concat(Enumerable.Range(0, 48)
            .Select(i => $"{"at"[i % 2]} {numbers[i % 8]} {numbers[i / 8]}\t{(i % 2 == 0 ? "alarm" : "timer")}\n")));
        var outside = home.Write("outside.tsv", "text\n" + string.Concat(Enumerable.Range(0, 48)
            .Select(i => $"x q {(char)('b' + (i % 16))} z {(char)('f' + (i / 16))}\n")));
        string[] files = ["--in-scope", inside, "--out-of-scope", outside];
        var copy = home.PathOf("copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(home.Model)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        File.Delete(Path.Combine(copy, "assistant.json"));
        var fitted = ToolRun.Of(["assist", "scope", "--fit", "--model", copy, "--label", "intent", .. files]).Succeeds();
        Assert.Matches("^texts in scope      48\ntexts out of scope  48\nAUROC               [01]\\.[0-9]{4}\n"
            + "refused at 5 % false refusals: [0-9.]+ % \\(threshold .+\\)\n"
            + "refused below in_scope 0: 0.00 %, and 0.00 % of those in scope\n$",
            fitted);
        Assert.True(File.Exists(Path.Combine(copy, "assistant.json")));
        var json = JsonDocument.Parse(ToolRun.Of(
            ["assist", "scope", "--model", copy, "--false-refusals", "0.1", "--json", .. files]).Succeeds()).RootElement;
        Assert.Equal((48, 48, 0.1), (json.GetProperty("in_scope").GetInt32(), json.GetProperty("out_of_scope").GetInt32(),
            json.GetProperty("false_refusals").GetDouble()));
        Assert.InRange(json.GetProperty("auroc").GetDouble(), 0.9, 1);
        ToolRun.Of(["assist", "scope", "--fit", "--label", "intent", .. files])
            .AssertFails(2, "squeezebert assist scope: --fit writes into the folder of the model; name it with --model");
        ToolRun.Of(["assist", "scope", "--label", "intent", .. files]).AssertFails(2, "--label is for --fit");
        ToolRun.Of(["assist", "scope", "--fit", "--model", copy, "--label", "text", .. files]).AssertFails(1, "is no intent of the model");
        ToolRun.Of("assist", "scope", "--in-scope", inside, "--out-of-scope", home.Write("empty.tsv", "text\n"))
            .AssertFails(1, "empty.tsv", "there is no row");
    }

    [Fact]
    public void WhatIsWrongIsToldInOneLine()
    {
        ToolRun.Of("assist").AssertFails(2, "squeezebert assist: give a text");
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
