using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// A model's folder as a user has it, with formula weights and a vocabulary of letters, in a temporary place; removed at the end.
/// </summary>
internal sealed class SyntheticCheckpoint : IDisposable
{
    public SyntheticCheckpoint(BenchmarkModel model, ModelHead head = ModelHead.SequenceClassification)
    {
        Path = Directory.CreateTempSubdirectory("squeezebert-benchmark-").FullName;
        var configuration = model.Configuration with
        {
            Architectures = [ModelHeads.ClassName(model.Configuration, head)],
            Labels = ["negative", "positive"]
        };
        var graph = ModelGraph.Create(configuration, head);
        ModelFolder.Save(Path, configuration, graph.Parameters.Select(parameter => Tensor(parameter, model.Parameters())),
            tokenizer: Tokenizer(configuration));
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static NamedTensor Tensor(Parameter parameter, IParameterSource source)
    {
        var values = new float[parameter.Length];
        source.Read(parameter, values);
        return new NamedTensor(parameter.Name, parameter.Shape, values);
    }

    /// <summary>Letters, digits and marks, at the start and inside of words, and unused tokens up to the size.</summary>
    private static BertTokenizer Tokenizer(ModelConfiguration configuration)
    {
        var characters = "abcdefghijklmnopqrstuvwxyz0123456789".Select(character => character.ToString()).ToList();
        var tokens = new List<string> { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "!", "?", "'" };
        tokens.AddRange(characters);
        tokens.AddRange(characters.Select(character => "##" + character));
        for (var i = 0; tokens.Count < configuration.VocabularySize; i++) tokens.Add($"[unused{i}]");
        return BertTokenizer.FromVocabulary(tokens, new BertTokenizerOptions { ModelMaxLength = configuration.MaxPositionEmbeddings });
    }
}
