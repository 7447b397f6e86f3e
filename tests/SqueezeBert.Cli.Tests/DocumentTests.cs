using System.Diagnostics;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels;
using SqueezeBert.ModelFolders.Onnx.Writing;
using SqueezeBert.Models;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Cli.Tests;

/// <summary>
/// The commands of README.md and of docs are run as they stand there. A block "console" has a command behind "$ " and,
/// below it, all that it prints with the model in the box. A block "sh" runs in a folder where tiny models have the names that it uses, and
/// must succeed. One that begins with "# not tested: " and the reason does not run, nor does one below a comment that says so. Blocks in
/// other languages hold no commands. With <see cref="Rewriting"/>, blocks "console" get what the commands print now.
/// </summary>
public sealed class DocumentTests
{
    private const string NotTested = "# not tested: ";
    private const string NotTestedComment = "<!-- not tested: ";

    private static readonly string[] OtherLanguages = ["csharp", "cs", "python", "json", "text", "mermaid"];
    private const string MnliHeader = "index\tsentence1\tsentence2\tgold_label";

    private static readonly Dictionary<string, string> Models = new(StringComparer.Ordinal)
    {
        ["all-MiniLM-L6-v2"] = "squeezebert-encoder",
        ["my-encoder"] = "squeezebert-encoder",
        ["squeezebert-uncased"] = "squeezebert-masked-lm",
        ["my-swag-model"] = "squeezebert-multiple-choice",
        ["squeezebert-mnli"] = "squeezebert-sequence-classification",
        ["squeezebert-mrpc"] = "squeezebert-sequence-classification",
        ["ms-marco-MiniLM-L6-v2"] = "squeezebert-regression",
        ["my-squad-model"] = "squeezebert-question-answering",
        ["my-ner-model"] = "squeezebert-token-classification",
    };

    private static readonly Dictionary<string, string> Files = new(StringComparer.Ordinal)
    {
        ["titles.txt"] = "the film\nvery good\n",
        ["found.txt"] = "the film\nvery good\n",
        ["sts.tsv"] = "sentence1\tsentence2\nthe film\ta film\n",
        ["dev.tsv"] = "text\tlabel\nthe film was good\tpositive\nbad\tnegative\nvery good\tpositive\n",
        ["train.tsv"] = "text\tlabel\nthe film was good\tpositive\nbad\tnegative\nvery good\tpositive\nvery bad\tnegative\n",
        ["labelled.tsv"] = "text\tlabel\n"
            + string.Concat(Enumerable.Range(0, 60).Select(i => $"film {i} was {(i % 3 == 0 ? "bad\t0" : "good\t1")}\n")),
        ["other.tsv"] = "text\nwas was\n",
        ["glue/MNLI/train.tsv"] = $"{MnliHeader}\n0\tgood\tbad\tneutral\n1\tgood\tgood\tentailment\n",
        ["glue/MNLI/dev_matched.tsv"] = $"{MnliHeader}\n0\tgood\tbad\tcontradiction\n",
        ["glue/MNLI/dev_mismatched.tsv"] = $"{MnliHeader}\n0\tgood\tfilm\tneutral\n",
        ["glue/MNLI/test_matched.tsv"] = "index\tsentence1\tsentence2\n0\tgood\tbad\n",
        ["glue/MNLI/test_mismatched.tsv"] = "index\tsentence1\tsentence2\n0\tgood\tbad\n",
        ["glue/STS-B/dev.tsv"] = "sentence1\tsentence2\tscore\nthe film\ta film\t4.5\nthe film\tgood\t2\nbad\tvery good\t1\n",
        ["dev-v2.0.json"] = """
            {"data":[{"paragraphs":[{"context":"the film was good","qas":[
              {"id":"1","question":"what was good?","answers":[{"text":"film","answer_start":4}]},
              {"id":"2","question":"why?","answers":[]}]}]}]}
            """,
        ["conll2003/valid.txt"] = "-DOCSTART- O\n\nthe LABEL_0\nfilm LABEL_1\n",
        ["swag-dev.csv"] = "startphrase,ending0,ending1,label\nthe film was,good,bad,0\n",
        ["scifact/corpus.jsonl"] = "{\"_id\":\"1\",\"text\":\"the film\"}\n{\"_id\":\"2\",\"text\":\"bad\"}\n",
        ["scifact/queries.jsonl"] = "{\"_id\":\"1\",\"text\":\"film\"}\n",
        ["scifact/qrels/test.tsv"] = "query-id\tcorpus-id\tscore\n1\t1\t1\n",
        ["STS-B/dev.tsv"] = "sentence1\tsentence2\tscore\nthe film\ta film\t4.5\nthe film\tgood\t2\nbad\tvery good\t1\n",
        ["sentiment/imdb/train.tsv"] =
            "text\tlabel\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"number {i} was good\tpositive\n")),
        ["swag.csv"] = "startphrase,ending0,ending1\nthe film was,good,bad\n",
        ["pairs.tsv"] = "the film was good\tthe film was bad\n",
        ["manual.txt"] = "the film was very good\n",
        ["names.conll"] = string.Concat(Enumerable.Range(0, 60).Select(i => $"film {(i % 2 == 0 ? "B-X" : "O")}\n{i} O\n\n")),
        ["questions.json"] = """{"data":[{"paragraphs":[""" + string.Join(',', Enumerable.Range(0, 60).Select(i =>
            $$$"""{"context":"film {{{i}}} was good","qas":[{"id":"{{{i}}}","question":"which","answers":"""
                + """[{"text":"film","answer_start":0}]}]}""")) + "]}]}",
        ["endings.jsonl"] = string.Concat(Enumerable.Range(0, 60).Select(i =>
            $$"""{"context": "film {{i}}", "choices": ["was good", "was bad"], "label": {{i % 2}}}""" + "\n")),
        ["sts-train.tsv"] = "sentence1\tsentence2\tscore\n"
            + string.Concat(Enumerable.Range(0, 60).Select(i => $"film {i}\ta film\t{i % 6}\n")),
        ["questions.tsv"] = "anchor\tpositive\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"film {i}\tgood {i}\n")),
        ["documents.txt"] = string.Concat(Enumerable.Range(0, 60)
            .Select(i => $"The film {i} was good. It was very good. So was the end.\n\n")),
        ["spoken.jsonl"] = string.Concat(Enumerable.Range(0, 60).Select(i => i % 2 == 0
            ? "{\"words\": [\"the\", \"film\", \"{0}\"], \"tags\": [\"O\", \"B-song\", \"O\"], \"intent\": \"play_music\"}\n"
                .Replace("{0}", $"n{i}", StringComparison.Ordinal)
            : $"{{\"words\": [\"was\", \"{i}\"], \"tags\": [\"O\", \"O\"], \"intent\": \"other\"}}\n")),
        ["several.json"] = """
            {
              "output": "several", "from": "squeezebert-uncased",
              "stages": [
                {
                  "task": "joint", "epochs": 2, "max_length": 32,
                  "heads": [
                    { "name": "mood", "task": "single-label", "data": [{ "file": "train.tsv" }], "held_out": 0 },
                    { "name": "names", "task": "token-classification", "data": [{ "file": "names.conll" }] }
                  ]
                }
              ]
            }
            """,
        ["pages.txt"] = "the film was very good\n",
        ["tickets.csv"] = "body,topic\n"
            + string.Concat(Enumerable.Range(0, 30).Select(i => $"invoice {i} is wrong,billing\nparcel {i} is late,delivery\n")),
        ["vocab.txt"] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nfilm\n",
        ["wikipedia.txt"] = "the film was very good\nthe film was bad\n",
        ["books.txt"] = "the film was very good\nthe film was bad\n",
        ["corpus.txt"] = "the film was very good\n",
        ["reviews.csv"] = "review,stars\n"
            + string.Concat(Enumerable.Range(0, 60).Select(i => $"film {i} was {(i % 2 == 0 ? "good,5" : "bad,1")}\n")),
        ["checked.csv"] = "body,topic\nthe invoice is wrong,billing\nthe parcel is late,delivery\n",
        ["new-tickets.csv"] = "body\nwhere is the parcel\n",
        ["home.yml"] = "nlu:\n" + string.Concat(new[] { "set_alarm", "set_timer" }.Select(intent =>
            $"- intent: {intent}\n  examples: |\n" + string.Concat(
                Enumerable.Range(0, 20).Select(i => $"    - {intent[4]} {i} [{i}](time)\n")))),
        ["home-tests.yml"] = "conversations:\n- turns:\n  - user: set an alarm\n",
        ["requests.txt"] = "set an alarm\nset a timer\n",
    };

    public static TheoryData<string, int, string> Blocks()
    {
        var blocks = new TheoryData<string, int, string>();
        var folder = Path.Combine(AppContext.BaseDirectory, "Documents");
        foreach (var file in Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var lines = File.ReadAllLines(file);
            for (var i = 0; i < lines.Length; i++)
            {
                if (!lines[i].StartsWith("```", StringComparison.Ordinal)) continue;
                var end = Array.IndexOf(lines, "```", i + 1);
                var isTested = i == 0 || !lines[i - 1].StartsWith(NotTestedComment, StringComparison.Ordinal);
                if (isTested && !OtherLanguages.Contains(lines[i][3..]))
                    blocks.Add(Path.GetRelativePath(folder, file), i + 1, string.Join('\n', lines[i..end]));
                i = end;
            }
        }

        return blocks;
    }

    [Fact]
    public void CommandsStandInBlocksThatSayWhatTheyAre()
    {
        var blocks = Blocks().Select(block => (File: block.Data.Item1, Text: block.Data.Item3)).ToList();
        Assert.True(blocks.Count >= 15);
        Assert.Contains(blocks, block => block.File == "docs/commands.md" && block.Text.StartsWith("```console", StringComparison.Ordinal));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Documents"), "*.md",
            SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotContain("\n    squeezebert ", text, StringComparison.Ordinal);
            Assert.DoesNotContain("```text\n$ ", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheRecipeOfSeveralHeadsIsTheOneThatRuns() => Assert.Contains(
        $"```text\n{Files["several.json"]}\n```",
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", "docs", "tasks", "several-heads.md")),
        StringComparison.Ordinal);

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Blocks))]
    public async Task ABlockDoesWhatItSays(string file, int line, string block)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the blocks are for a shell of Unix");
        var lines = block.Split('\n');
        using var folder = new StandIns();
        if (lines[0] == "```sh")
        {
            if (lines[1].StartsWith(NotTested, StringComparison.Ordinal)) return;
            foreach (var command in lines.Skip(1))
            {
                var (output, error) = await folder.RunAsync(command, TestContext.Current.CancellationToken);

                // What trainings tell of their progress, and `linear` of what it learns from.
                var makesVocabulary = command.StartsWith("squeezebert vocab ", StringComparison.Ordinal);
                string[] telling = ["squeezebert train ", "squeezebert assist train ", "squeezebert linear "];
                if (makesVocabulary || telling.Any(start => command.StartsWith(start, StringComparison.Ordinal))) error = "";

                // The tiny models read forty tokens, of a letter each.
                error = string.Join('\n', error.Split('\n').Where(told => !told.Contains(": truncated ", StringComparison.Ordinal)));
                Assert.True(error.Length == 0, $"{file}:{line}: {command}: {error}");
                Assert.True(output.Length > 0 || makesVocabulary || command.Contains('>', StringComparison.Ordinal),
                    $"{file}:{line}: {command}: no output");
            }

            return;
        }

        Assert.True(lines[0] == "```console", $"{file}:{line}: '{lines[0]}' says nothing: console, sh, csharp or text");
        Assert.SkipUnless(InstructionSets.HasFusedMultiplyAdd, "the numbers have other bits on this processor");
        var printed = new List<string> { lines[0] };
        for (var i = 1; i < lines.Length;)
        {
            Assert.StartsWith("$ ", lines[i], StringComparison.Ordinal);
            var next = Array.FindIndex(lines, i + 1, text => text.StartsWith("$ ", StringComparison.Ordinal));
            var end = next < 0 ? lines.Length : next;
            var (output, error) = await folder.RunAsync(lines[i][2..], TestContext.Current.CancellationToken);
            Assert.Empty(error);
            if (!Rewriting.IsAsked) Assert.Equal(string.Join('\n', lines[(i + 1)..end]), output.TrimEnd('\n'));
            printed.Add(lines[i]);
            if (output.Length > 0) printed.Add(output.TrimEnd('\n'));
            i = end;
        }

        if (Rewriting.IsAsked) Rewriting.Replace(file, block, string.Join('\n', printed));
    }

    /// <summary>A folder with tiny models and files under the names of the documents.</summary>
    private sealed class StandIns : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-docs-").FullName;

        public StandIns()
        {
            foreach (var (name, content) in Files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, name))!);
                File.WriteAllText(Path.Combine(_folder, name), content);
            }

            Directory.CreateDirectory(Path.Combine(_folder, "models"));
            Directory.CreateSymbolicLink(Path.Combine(_folder, "models", "sentiment"), PretrainedModels.Sentiment);
            Directory.CreateDirectory(Path.Combine(_folder, "bin"));
            var tool = Path.Combine(_folder, "bin", "squeezebert");
            File.WriteAllText(tool, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "squeezebert.dll")}' \"$@\"\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public async Task<(string Output, string Error)> RunAsync(string command, CancellationToken cancellationToken)
        {
            foreach (var (name, fixture) in Models)
            {
                var isOfRecipe = Files.Any(file => command.Contains($" {file.Key}", StringComparison.Ordinal)
                    && file.Value.Contains($"\"{name}\"", StringComparison.Ordinal));
                if (isOfRecipe || command.Contains(name, StringComparison.Ordinal)) Make(name, fixture);
            }

            if (command.Contains("model.onnx", StringComparison.Ordinal)) MakeOnnx();
            var start = new ProcessStartInfo("/bin/sh")
            {
                WorkingDirectory = _folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(command);
            start.Environment["PATH"] = $"{Path.Combine(_folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            Assert.True(process.ExitCode == 0, $"{command}: exit code {process.ExitCode}: {error}");
            return (await output, error);
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private void Make(string name, string fixture)
        {
            var path = Path.Combine(_folder, name);
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            Directory.Move(new ClassifierFolder(fixture).Path, path);
            if (name != "squeezebert-mnli") return;
            var configuration = Path.Combine(path, "config.json");
            var text = File.ReadAllText(configuration);
            foreach (var (label, meaning) in new[] { ("LABEL_0", "contradiction"), ("LABEL_1", "entailment"), ("LABEL_2", "neutral") })
                text = text.Replace($"\"{label}\"", $"\"{meaning}\"", StringComparison.Ordinal);
            File.WriteAllText(configuration, text);
        }

        // The converted model takes the name that another document uses.
        private void MakeOnnx()
        {
            Make("source", "bert-encoder");
            var source = Path.Combine(_folder, "source");
            using var model = ModelFolder.Open(source);
            var graph = ModelGraph.Create(model.Configuration, ModelGraph.HeadOf(model.Configuration), RowSet.Tokens);
            OnnxExport.Save(Path.Combine(_folder, "model.onnx"), graph, model.Weights, OnnxExport.OutputsOf(graph));
            File.Copy(Path.Combine(source, "vocab.txt"), Path.Combine(_folder, "vocab.txt"), overwrite: true);
            var target = Path.Combine(_folder, "my-encoder");
            if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        }
    }
}
