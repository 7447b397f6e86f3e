using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders;
using SqueezeBert.Training.Pruning;

namespace SqueezeBert.Training.Running;

/// <summary>
/// All tensors of the starting model and of the previous stages, whatever part of a model they belong to. A stage takes those that its own
/// model has. The others (such as the pooler of a language model, or another head) are kept unchanged and saved with the trained ones. Not
/// thread-safe.
/// </summary>
internal sealed class CarriedTensors
{
    /// <summary>What the names of a classifier's tensors begin with.</summary>
    public const string Classifier = "classifier.";

    /// <summary>What the names of the tensors begin with that a classifier of tokens has for the n-grams of words.</summary>
    public const string Ngrams = TokenClassificationHead.NgramPrefix;

    private readonly Architecture _architecture;
    private readonly TensorNames _names;
    private readonly HashSet<string> _encoder;
    private readonly bool _isTied;

    // By the name without the base model's prefix.
    private readonly Dictionary<string, NamedTensor> _tensors = new(StringComparer.Ordinal);

    /// <param name="configuration">Says which names the architecture's tensors have.</param>
    public CarriedTensors(ModelConfiguration configuration)
    {
        _architecture = SupportedArchitectures.Of(configuration);
        _isTied = configuration.TieWordEmbeddings;
        _names = new TensorNames(_architecture, _isTied);
        _encoder = [.. ModelGraph.Create(configuration, ModelHead.None).Parameters.Select(parameter => _names.Canonical(parameter.Name))];
    }

    public bool IsEmpty => _tensors.Count == 0;

    /// <summary>Whether there is a head called "classifier": of texts, tokens or choices, which the names do not tell.</summary>
    public bool HasClassifier => _tensors.Keys.Any(IsClassifier);

    /// <summary>Reads every tensor of a file that holds numbers of its own.</summary>
    public void Read(ITensorSource source)
    {
        // A tied decoder's bias has two names; the one that graphs use goes first.
        foreach (var name in source.Names.OrderBy(name => IsDecoder(_names.Canonical(name))))
        {
            var canonical = _names.Canonical(name);
            if (!source.TryGetTensor(name, out var info) || !IsFloatingPoint(info.Type)) continue;
            if (_isTied && IsDecoder(canonical) && _names.Tied(canonical) is { } twin)
            {
                if (twin == Architecture.Words || _tensors.ContainsKey(twin)) continue;
                canonical = twin;
            }

            var values = new float[info.ElementCount];
            source.ReadFloats(name, values);
            _tensors[canonical] = new NamedTensor(canonical == _names.Canonical(name) ? name : canonical, info.Shape, values);
        }
    }

    /// <summary>Adds tensors, or replaces those of the same parameters.</summary>
    public void Put(IEnumerable<NamedTensor> tensors)
    {
        foreach (var tensor in tensors) _tensors[_names.Canonical(tensor.Name)] = tensor;
    }

    /// <summary>The tensor of a parameter, with the base model's prefix or without; null: there is none.</summary>
    public NamedTensor? Find(string parameter)
    {
        var canonical = _names.Canonical(parameter);
        if (_tensors.GetValueOrDefault(canonical) is { } found) return found;
        return _names.Tied(canonical) is { } twin && twin != Architecture.Words ? _tensors.GetValueOrDefault(twin) : null;
    }

    /// <summary>What stays of the tensors in a smaller model.</summary>
    public CarriedTensors Pruned(PruningPlan plan)
    {
        var pruned = new CarriedTensors(plan.Configuration);
        pruned.Put(_tensors.Values.Select(plan.Of).OfType<NamedTensor>());
        return pruned;
    }

    /// <summary>Forgets a head, by what the names of its tensors begin with.</summary>
    public void Remove(string prefix)
    {
        foreach (var name in _tensors.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList()) _tensors.Remove(name);
    }

    /// <summary>The tensors that none of a model's parameters takes, under the names that they have in a file of that model.</summary>
    /// <param name="parameters">Of the model.</param>
    /// <param name="hasHead">Whether the encoder's names have the base model's prefix there.</param>
    public IReadOnlyList<NamedTensor> Others(IEnumerable<Parameter> parameters, bool hasHead)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in parameters)
        {
            var canonical = _names.Canonical(parameter.Name);
            taken.Add(canonical);
            if (_names.Tied(canonical) is { } twin && twin != Architecture.Words) taken.Add(twin);
        }

        return [.. _tensors.Where(pair => !taken.Contains(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => pair.Value with { Name = NameInFile(pair.Key, pair.Value.Name, hasHead) })];
    }

    private static bool IsClassifier(string name) => name.StartsWith(Classifier, StringComparison.Ordinal);

    private string NameInFile(string canonical, string name, bool hasHead) =>
        !_encoder.Contains(canonical) ? name : hasHead ? _architecture.Prefix + canonical : canonical;

    private bool IsDecoder(string canonical) => canonical.StartsWith(_architecture.Decoder + ".", StringComparison.Ordinal);

    private static bool IsFloatingPoint(TensorType type) =>
        type is TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64;
}
