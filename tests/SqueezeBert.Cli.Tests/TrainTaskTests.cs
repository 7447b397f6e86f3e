using System.Text.Json.Nodes;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Tests;

/// <summary>`train FILE --task NAME`, and the command that the report names for the model.</summary>
public sealed class TrainTaskTests
{
    [Theory]
    [InlineData("token-classification", "names.conll", "tag", "w0 w12")]
    [InlineData("question-answering", "squad.json", "answer", "w4", "--file", "document.txt")]
    [InlineData("multiple-choice", "swag.csv", "choose", "w10", "w5 w6", "w1 w2")]
    [InlineData("sentence-order", "stories.txt", "inspect")]
    [InlineData("pretraining", "stories.txt", "fill", "w1 [MASK]")]
    [InlineData("masked-language", "stories.txt", "fill", "w1 [MASK]")]
    [InlineData("similarity", "sts.tsv", "similar", "w0 w1", "w2")]
    [InlineData("retrieval", "queries.tsv", "similar", "w0 w1", "w2")]
    [InlineData("regression", "numbers.csv", "classify", "w0 w1")]
    public void AFileIsTrainedOn(string task, string file, string command, params string[] texts)
    {
        using var folder = Folder();
        var run = ToolRun.Of(["train", folder.File(file), "--task", task, "--vocab", folder.File("vocab.txt"), "--output",
            folder.File("model"), "--epochs", "0.5", "--max-length", "24",
            .. task == "similarity" ? ["--scores", "0,5"] : Array.Empty<string>()]);
        var report = run.Succeeds();
        var stage = JsonNode.Parse(File.ReadAllText(folder.File("model/recipe.json")))!["stages"]![0]!;
        Assert.Equal(task, (string?)stage["task"]);
        Assert.Contains($"try:   squeezebert {command} ", report, StringComparison.Ordinal);
        string[] model = command == "inspect" ? [folder.File("model")] : ["--model", folder.File("model")];
        Assert.NotEmpty(ToolRun.Of(
            [command, .. model, .. texts.Select(text => text == "document.txt" ? folder.File(text) : text)]).Succeeds());
    }

    [Fact]
    public void HelpSaysWhatTheFilesOfEachTaskHold()
    {
        var words = ToolRun.Of("train", "--help").Succeeds().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        var help = string.Join(' ', words);
        foreach (var task in TrainingTasks.All.Where(task => !task.HasTeacher && !task.HasHeads))
            Assert.Contains($"{task.Name}: {task.Files}.", help, StringComparison.Ordinal);
    }

    [Fact]
    public void ABadRowNamesFileAndLine()
    {
        using var folder = Folder();
        folder.Write("bad.conll", "w0 O", "w1");
        var run = ToolRun.Of("train", folder.File("bad.conll"), "--task", "token-classification", "--vocab", folder.File("vocab.txt"),
            "--output", folder.File("model"));
        run.AssertFails(1, "bad.conll:2: ");
        Assert.False(Directory.Exists(folder.File("model")));
    }

    private static TrainingFolder Folder()
    {
        var folder = new TrainingFolder();
        folder.Write("names.conll", [.. Enumerable.Range(0, 300)
            .Select(i => i % 6 == 5 ? "" : i % 6 == 2 ? "w0 B-X" : $"w{5 + (i % 11)} O")]);
        folder.Write("document.txt", "w5 w1 w7");
        folder.Write("squad.json", "{\"data\":[{\"paragraphs\":[" + string.Join(',', Enumerable.Range(0, 60).Select(i =>
            $$$"""{"context":"w{{{5 + (i % 10)}}} w{{{5 + (i % 9)}}} w1","qas":[{"id":"{{{i}}}","question":"w4","answers":"""
                + $$$"""[{"text":"w1","answer_start":{{{Start(i)}}}}]}]}""")) + "]}]}");
        folder.Write("swag.csv", [.. Enumerable.Range(0, 60).Select(i => $"w{10 + (i % 10)},w{i % 10},w1 w{i % 5},w6 w{5 + (i % 5)},0")
            .Prepend("sent1,sent2,ending0,ending1,label")]);
        folder.Write("stories.txt",
            [.. Enumerable.Range(0, 120).Select(
                i => i % 2 == 1 ? "" : $"W{i % 20} w1 w2 w3. W{i % 7} w4 w5. W6 w{i % 9} w8.")]);
        folder.Write("sts.tsv",
            [.. Enumerable.Range(0, 60).Select(i => $"w{i % 20} w1\tw{i % 3} w2\t{i % 6}").Prepend("sentence1\tsentence2\tscore")]);
        folder.Write("queries.tsv",
            [.. Enumerable.Range(0, 60).Select(i => $"w{i % 20} w{i % 7}\tw{i % 9} w{i % 11}").Prepend("anchor\tpositive")]);
        folder.Write("numbers.csv", [.. Enumerable.Range(0, 60).Select(i => $"w{i % 20} w{i % 7},{i}.5").Prepend("text,label")]);
        return folder;

        static int Start(int i) => $"w{5 + (i % 10)} w{5 + (i % 9)} ".Length;
    }
}
