using System.IO.Compression;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Tests.Data;

/// <summary>A temporary folder with data files and a vocabulary of single letters.</summary>
internal sealed class DataFolder : IDisposable
{
    public DataFolder()
    {
        File.WriteAllLines(Path("vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Letters]);
        Tokenizer = BertTokenizer.Load(Path("vocab.txt"));
    }

    public BertTokenizer Tokenizer { get; }

    private static IEnumerable<string> Letters => Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString());

    private string Folder { get; } = Directory.CreateTempSubdirectory("squeezebert-data-").FullName;

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    /// <summary>Writes a file, compressed where its name says so.</summary>
    public void Write(string name, string text)
    {
        using var file = File.Create(Path(name));
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    public StageData Read(StageRecipe stage, IReadOnlyList<string>? knownLabels = null) =>
        stage.Task.Read(new StageInput(stage, "recipe", Folder, Tokenizer, knownLabels), TestContext.Current.CancellationToken);

    /// <summary>The letters of an example, special tokens as capitals.</summary>
    public string Text(ExampleSet set, int index) =>
        string.Concat(set.Tokens(set[index]).ToArray().Select(id => id < 5 ? "PUCSM"[id] : (char)('a' + id - 5)));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
