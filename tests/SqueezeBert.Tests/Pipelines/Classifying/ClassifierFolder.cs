using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines.Classifying;

/// <summary>A model folder as a user has it: a tiny model of the reference with a vocabulary of letters and a few words.</summary>
internal sealed class ClassifierFolder : IDisposable
{
    public ClassifierFolder(string model = "squeezebert-sequence-classification")
    {
        Path = Directory.CreateTempSubdirectory("squeezebert-test-").FullName;
        var source = System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", "models", model);
        foreach (var name in new[] { "config.json", "model.safetensors" })
            File.Copy(System.IO.Path.Combine(source, name), System.IO.Path.Combine(Path, name));
        var letters = Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString()).ToList();
        var tokens = new List<string> { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "!", "?", "'" };
        tokens.AddRange(letters);
        tokens.AddRange(letters.Select(letter => "##" + letter));
        tokens.AddRange(["good", "bad", "film", "very", "the", "was"]);
        BertTokenizer.FromVocabulary(tokens, new BertTokenizerOptions { ModelMaxLength = 40 }).Save(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
