using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;

namespace SqueezeBert.ModelFolders;

/// <summary>
/// Derives the configuration of a static embedding model from its weights: the rows and the width of the table, whether tokens share rows,
/// and whether they have weights. A sentence-transformers folder of such a model has no config.json.
/// </summary>
internal static class StaticTables
{
    private const int MaxRows = 1 << 24, MaxWidth = 1 << 16;

    /// <summary>Returns whether the tensors are a table of static embeddings and nothing else.</summary>
    public static bool IsTable(ITensorSource tensors) =>
        tensors.Names.Any(IsTableName)
            && tensors.Names.All(name => IsTableName(name) || name is StaticArchitecture.Mapping or StaticArchitecture.Weights);

    /// <summary>Returns the configuration of a table without a config.json, as sentence-transformers reads it.</summary>
    /// <inheritdoc cref="Complete"/>
    public static StaticConfiguration Describe(ITensorSource tensors, string path) =>
        Complete(new StaticConfiguration { DropsUnknownTokens = false }, tensors, path);

    /// <summary>Completes the values of config.json with those of the weights, and replaces contradicting ones.</summary>
    /// <param name="configuration">The configuration of config.json.</param>
    /// <param name="tensors">The weights.</param>
    /// <param name="path">The path of the weights in messages.</param>
    /// <exception cref="InvalidModelFileException">There is no table, or the tensors do not fit together.</exception>
    public static StaticConfiguration Complete(StaticConfiguration configuration, ITensorSource tensors, string path)
    {
        var name = tensors.Names.FirstOrDefault(IsTableName)
            ?? throw new InvalidModelFileException(path, StaticArchitecture.Table,
                $"is missing; a static model's weights hold a table under this name or as '{StaticArchitecture.ModuleTable}'");
        var table = Tensor(tensors, name)!;
        if (table.Shape is not [>= 1 and <= MaxRows, >= 1 and <= MaxWidth])
        {
            throw new InvalidModelFileException(path, name,
                $"has shape {Shape(table)}; a table of vectors has 1 to {MaxRows} rows of 1 to {MaxWidth} numbers");
        }

        var mapping = Tensor(tensors, StaticArchitecture.Mapping);
        var weights = Tensor(tensors, StaticArchitecture.Weights);
        if (mapping is not null)
        {
            if (mapping.Shape is not [>= 1 and <= MaxRows])
                throw new InvalidModelFileException(path, mapping.Name, $"has shape {Shape(mapping)}; it must be a list of row numbers");
            if (mapping.Type is TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64)
                throw new InvalidModelFileException(path, mapping.Name, $"holds {mapping.Type}; row numbers are integers");
        }

        var tokens = mapping is null ? table.Shape[0] : mapping.Shape[0];
        if (weights is not null && !(weights.Shape is [var count] && count == tokens))
        {
            throw new InvalidModelFileException(path, weights.Name,
                $"has shape {Shape(weights)}; '{mapping?.Name ?? name}' has {tokens} tokens, and each has one weight");
        }

        return configuration with
        {
            Architectures = configuration.Architectures.Count > 0 ? configuration.Architectures : ["StaticModel"],
            VocabularySize = (int)tokens,
            HiddenSize = (int)table.Shape[1],
            TableRows = mapping is null ? null : (int)table.Shape[0],
            HasTokenWeights = weights is not null,
        };
    }

    private static bool IsTableName(string name) => name is StaticArchitecture.Table or StaticArchitecture.ModuleTable;

    private static TensorInfo? Tensor(ITensorSource tensors, string name) => tensors.TryGetTensor(name, out var info) ? info : null;

    private static string Shape(TensorInfo tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}
