using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Onnx.Tests;

/// <summary>A small model of any architecture with any head, all of whose parameters matter, in a folder of its own.</summary>
internal sealed class SmallModel : IDisposable
{
    public const int Vocabulary = 40, Length = 24;

    private static readonly string[] Labels = ["a", "b", "c"];
    private readonly TemporaryFolder _folder = new();

    public SmallModel(string name, ModelHead head)
    {
        var configuration = Configurations[name] with { Labels = Labels };
        configuration = configuration with { Architectures = [ModelHeads.ClassName(configuration, head)] };
        var graph = ModelGraph.Create(configuration, head);
        ModelFolder.Save(_folder.Path, configuration, graph.Parameters.Select(parameter => Tensor(configuration, parameter)));
        Folder = ModelFolder.Open(_folder.Path);
    }

    /// <summary>Every architecture, some of them in forms that are written differently.</summary>
    public static IReadOnlyDictionary<string, ModelConfiguration> Configurations { get; } = new Dictionary<string, ModelConfiguration>
    {
        ["bert"] = Sized(new BertConfiguration()),
        ["bert, tanh"] = Sized(new BertConfiguration()) with { HiddenActivation = Activation.GeluTanh, LayerNormEpsilon = 1e-5 },
        ["distilbert"] = Sized(new DistilBertConfiguration()),
        ["squeezebert"] = Sized(new SqueezeBertConfiguration()) with { HiddenSize = 24, EmbeddingSize = 24 },
        ["separable"] = Sized(new SeparableConfiguration()) with { EmbeddingSize = 8 },
        ["electra"] = Sized(new ElectraConfiguration()) with { EmbeddingSize = 24 },
        ["electra, projected"] = Sized(new ElectraConfiguration()) with { EmbeddingSize = 10 },
        ["mobilebert"] = Mobile(new MobileBertConfiguration()),
        ["mobilebert, layer norm"] = Mobile(new MobileBertConfiguration { NormalizationType = "layer_norm" }),
        ["static"] = new StaticConfiguration { VocabularySize = Vocabulary, HiddenSize = 12, Normalize = true },
        ["static, shared rows"] =
            new StaticConfiguration { VocabularySize = Vocabulary, HiddenSize = 12, TableRows = 15, HasTokenWeights = true },
    };

    public string Path => _folder.Path;

    public ModelFolder Folder { get; }

    /// <summary>Each architecture with each of its heads.</summary>
    public static TheoryData<string, string> WithHeads
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (name, configuration) in Configurations)
            {
                foreach (var head in SupportedArchitectures.Of(configuration).Heads) data.Add(name, head.ToString());
            }

            return data;
        }
    }

    public string File(string name) => _folder.File(name);

    public void Dispose()
    {
        Folder.Dispose();
        _folder.Dispose();
    }

    private static NamedTensor Tensor(ModelConfiguration configuration, Parameter parameter)
    {
        var values = new float[parameter.Length];
        FormulaParameters.For(configuration).Read(parameter, values);
        return new NamedTensor(parameter.Name, parameter.Shape, values) { IsInteger = parameter.Kind == ParameterKind.RowNumber };
    }

    private static T Sized<T>(T configuration)
        where T : ModelConfiguration => configuration with
        {
            VocabularySize = Vocabulary,
            HiddenSize = 24,
            HeadCount = 3,
            LayerCount = 3,
            IntermediateSize = 36,
            MaxPositionEmbeddings = Length,
        };

    private static MobileBertConfiguration Mobile(MobileBertConfiguration configuration) =>
        Sized(configuration) with { EmbeddingSize = 10, IntraBottleneckSize = 12, FeedForwardCount = 2 };
}
