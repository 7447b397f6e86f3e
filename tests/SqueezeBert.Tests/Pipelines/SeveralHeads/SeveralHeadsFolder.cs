using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Tests.ModelFolders;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines.SeveralHeads;

/// <summary>A tiny checkpoint with several heads, and the checkpoints that each of them would be alone.</summary>
internal sealed class SeveralHeadsFolder : IDisposable
{
    public static readonly HeadConfiguration Intent =
        new("intent", HeadTask.TextClassification)
        {
            Labels = ["play", "stop", "ask"],
            ProblemType = ProblemType.SingleLabelClassification,
        };

    public static readonly HeadConfiguration Slots =
        new("slots", HeadTask.TokenClassification) { Labels = ["O", "B-song", "I-song", "B-by"] };

    public static readonly HeadConfiguration Spans = new("spans", HeadTask.QuestionAnswering);

    public static readonly HeadConfiguration Words = new("words", HeadTask.MaskedLanguage);

    private readonly TemporaryFolder _folder = new();

    public SeveralHeadsFolder(ModelConfiguration configuration, params HeadConfiguration[] heads)
    {
        Path = _folder.File("several");
        NewModel.Save(Path, configuration with { NamedHeads = heads, InitializerRange = 0.3 }, seed: 7);
    }

    public SeveralHeadsFolder(params HeadConfiguration[] heads)
        : this(
            Tiny(new SqueezeBertConfiguration
            {
                QueryGroups = 2,
                KeyGroups = 2,
                ValueGroups = 2,
                IntermediateGroups = 2,
                OutputGroups = 2,
            }),
            heads)
    {
    }

    public string Path { get; }

    /// <summary>An architecture in a size that tests can afford.</summary>
    public static ModelConfiguration Tiny(ModelConfiguration configuration) => configuration with
    {
        VocabularySize = 120,
        HiddenSize = 16,
        EmbeddingSize = configuration is SeparableConfiguration or ElectraConfiguration ? 8 : 16,
        LayerCount = 2,
        HeadCount = 2,
        IntermediateSize = 32,
        MaxPositionEmbeddings = 48,
    };

    /// <summary>The checkpoint that transformers would make of one head: no prefix before its names, a class of its own.</summary>
    public string Alone(HeadConfiguration head)
    {
        var path = _folder.File($"alone-{head.Name}");
        using var folder = ModelFolder.Open(Path);
        var prefix = NamedHeads.ParameterPrefix(head);
        var tensors = folder.Tensors.Names
            .Where(name => !name.StartsWith(NamedHeads.Parameters, StringComparison.Ordinal) || IsOwn(name))
            .Select(name =>
            {
                Assert.True(folder.Tensors.TryGetTensor(name, out var info));
                var values = new float[info.ElementCount];
                folder.Tensors.ReadFloats(name, values);
                return new NamedTensor(IsOwn(name) ? name[prefix.Length..] : name, info.Shape, values);
            }).ToList();
        var configuration = folder.Configuration.For(head.Labels.Count > 0 ? head : null) with
        {
            Architectures = [ModelHeads.ClassName(folder.Configuration, NamedHeads.HeadOf(head))],
            NamedHeads = [],
        };
        ModelFolder.Save(path, configuration, tensors, TensorType.Float32, BertTokenizer.Load(Path));
        return path;

        bool IsOwn(string name) => name.StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>Writes the checkpoint again with some of its tensors only.</summary>
    public string Without(string tensor)
    {
        var path = _folder.File("without");
        using var folder = ModelFolder.Open(Path);
        var source = folder.Weights;
        var parameters = ModelGraph.CreateWhole(folder.Configuration).Parameters.Where(parameter => parameter.Name != tensor);
        ModelFolder.Save(path, folder.Configuration, [.. parameters.Select(parameter => Tensor(source, parameter))], TensorType.Float32,
            BertTokenizer.Load(Path));
        return path;
    }

    public string File(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();

    private static NamedTensor Tensor(IParameterSource source, Parameter parameter)
    {
        var values = new float[parameter.Length];
        source.Read(parameter, values);
        return new NamedTensor(parameter.Name, parameter.Shape, values);
    }
}
