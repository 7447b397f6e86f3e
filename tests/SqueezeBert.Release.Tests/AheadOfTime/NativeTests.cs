using System.Globalization;
using System.Text.RegularExpressions;
using SqueezeBert.Release.Tests.Platforms;

namespace SqueezeBert.Release.Tests.AheadOfTime;

/// <summary>The tool as one file and the shared library behind squeezebert.h, compiled ahead of time: the answers of the JIT.</summary>
public sealed partial class NativeTests(NativePrograms programs) : IClassFixture<NativePrograms>
{
    private static readonly string[] Texts =
        ["It stopped working after a week.", "Naïve, but the café was lovely 🙂", "Loved it.", "The parcel was delivered on Tuesday."];

    /// <summary>From an empty folder, so that the model in the box is the program's own.</summary>
    [Fact]
    public void TheToolIsOneFile()
    {
        var file = Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(programs.Tool)!));
        var folder = Directory.CreateDirectory(Path.Combine(programs.Folder, "elsewhere")).FullName;
        var copy = Path.Combine(folder, "squeezebert");
        File.Copy(file, copy);
        Assert.Equal(programs.RunHere(["classify", "--json", .. Texts]), Command.Run(folder, copy, ["classify", "--json", .. Texts]));
        Assert.Equal(programs.RunHere("embed", "--model", NativePrograms.Model, "--json", Texts[0]),
            Command.Run(folder, copy, ["embed", "--model", NativePrograms.Model, "--json", Texts[0]]));
    }

    [Theory]
    [InlineData("squeezebert-sequence-classification")]
    [InlineData("mobilebert-encoder")]
    public void ForwardWritesTheBytesOfTheJit(string model) =>
        ToolComparison.Forward(new Emulator("/usr/bin/env", [], []), programs.Tool, programs.Folder, model);

    [Fact]
    public void TheToolServes()
    {
        using var server = new ServedTool(programs.Tool, "--model", $"mood={NativePrograms.Model}");
        Assert.Contains("\"negative\"", server.Post("models/mood/classify", """{"text":"It stopped working after a week."}"""),
            StringComparison.Ordinal);
        Assert.Equal(0, server.Stop());
    }

    /// <summary>With its plots; a model that is no part of the file has to be named.</summary>
    [Fact]
    public void TheToolReports()
    {
        var tasks = Directory.CreateDirectory(Path.Combine(programs.Folder, "tasks", "SST-2")).Parent!.FullName;
        File.WriteAllText(Path.Combine(tasks, "SST-2", "dev.tsv"), "sentence\tlabel\nIt broke.\t0\n");

        // The task has two labels, and the model in the box three.
        Command.Run(programs.Folder, programs.Tool,
        [
            "new", "squeezebert", "scored", "hidden_size=32", "embedding_size=32", "num_hidden_layers=1", "num_attention_heads=2",
            "intermediate_size=64", "--head", "sequence-classification", "--vocab", NativePrograms.Model,
        ]);
        Command.Run(programs.Folder, programs.Tool,
            ["report", "scored", "--tasks", tasks, "--seconds", "0", "--html", "report.html"]);
        Assert.Contains("</svg>", File.ReadAllText(Path.Combine(programs.Folder, "report.html")), StringComparison.Ordinal);
        var (code, _, error) = Command.Try(programs.Folder, programs.Tool, ["embed", "a text"]);
        Assert.Equal(2, code);
        Assert.Contains("name a model with --model", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSampleInCClassifies()
    {
        var sample = Compile("samples/Native/classify.c", "classify");
        Compare(Command.Run(programs.Folder, sample, [NativePrograms.Model, .. Texts]));
        var (code, _, error) = Command.Try(programs.Folder, sample, ["nowhere", "text"]);
        Assert.Equal(1, code);
        Assert.Contains("nowhere", error, StringComparison.Ordinal);
    }

    /// <summary>
    /// Wrong arguments, models of the other kind, formats without a reader, freed models, and threads that free what others use.
    /// </summary>
    [Fact]
    public void TheLibraryKeepsItsPromises()
    {
        var folder = Directory.CreateDirectory(Path.Combine(programs.Folder, "other formats")).FullName;
        string[] others = [Path.Combine(folder, "model.onnx"), Path.Combine(folder, "pytorch_model.bin")];
        foreach (var other in others) File.WriteAllText(other, "a model");
        File.Copy(Path.Combine(NativePrograms.Model, "config.json"), Path.Combine(folder, "config.json"));
        var program = Compile("tests/SqueezeBert.Release.Tests/AheadOfTime/promises.c", "promises");
        Assert.Equal("all is well\n", Command.Run(programs.Folder, program, [NativePrograms.Model, .. others]));
    }

    [Fact]
    public void TheSampleInPythonClassifiesAndEmbeds()
    {
        var python = Emulator.Find("python3");
        Assert.SkipUnless(python is not null, "python3 is not installed");
        var library = Path.Combine(programs.Library, "libsqueezebert.so");
        var sample = Path.Combine(Repository.Root, "samples", "Native", "embed.py");
        var output = Command.Run(programs.Folder, python!, [sample, library, NativePrograms.Model, .. Texts]);
        Compare(output);
        Assert.Equal(Texts.Length, VectorLine().Count(output));
    }

    /// <summary>A program of a C file that uses the library.</summary>
    private string Compile(string source, string name)
    {
        var program = Path.Combine(programs.Library, name);
        Command.Run(Repository.Root, NativePrograms.Compiler,
        [
            "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-O1", $"-I{programs.Library}", "-o", program, source,
            Path.Combine(programs.Library, "libsqueezebert.so"), "-Wl,-rpath,$ORIGIN", "-pthread",
        ]);
        return program;
    }

    /// <summary>Lines of labels with scores are those of the JIT, to the last bit.</summary>
    private void Compare(string output)
    {
        var lines = ScoreLine().Matches(output).ToList();
        var expected = programs.ScoresHere("auto", Texts);
        Assert.Equal(expected.Count, lines.Count);
        foreach (var (line, scores) in lines.Zip(expected))
        {
            string[] labels = ["negative", "neutral", "positive"];
            Assert.Equal(labels.Select(label => scores[label]),
                line.Groups.Values.Skip(1).Select(group => float.Parse(group.Value, CultureInfo.InvariantCulture)));
        }
    }

    [GeneratedRegex(@"^negative (\S+)  neutral (\S+)  positive (\S+)$", RegexOptions.Multiline)]
    private static partial Regex ScoreLine();

    [GeneratedRegex("^vector of 384: ", RegexOptions.Multiline)]
    private static partial Regex VectorLine();
}
