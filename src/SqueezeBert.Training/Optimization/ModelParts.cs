using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders;

namespace SqueezeBert.Training.Optimization;

/// <summary>
/// The depth of parameters in a model: 0 for the embeddings, 1 to <see cref="LayerCount"/> for the layers of the encoder, and one more for
/// the layers after it (pooler and head).
/// </summary>
internal sealed class ModelParts
{
    private readonly HashSet<string> _encoder;
    private readonly TensorNames _names;

    public ModelParts(ModelConfiguration configuration)
    {
        LayerCount = configuration.LayerCount;
        _names = new TensorNames(SupportedArchitectures.Of(configuration), configuration.TieWordEmbeddings);
        _encoder = [.. ModelGraph.Create(configuration, ModelHead.None, hasPooler: false).Parameters
            .Select(parameter => _names.Canonical(parameter.Name))];
    }

    /// <summary>The number of layers of the encoder.</summary>
    public int LayerCount { get; }

    /// <summary>Returns the depth of a parameter.</summary>
    public int DepthOf(Parameter parameter) =>
        LayerOf(parameter.Name) is { } layer ? layer + 1 : _encoder.Contains(_names.Canonical(parameter.Name)) ? 0 : LayerCount + 1;

    /// <summary>
    /// Returns the factor of a parameter's learning rate: 1 at the head, multiplied by <paramref name="decay"/> for each layer below.
    /// </summary>
    public double RateFactor(Parameter parameter, double decay) => Math.Pow(decay, LayerCount + 1 - DepthOf(parameter));

    /// <summary>Returns whether a parameter is not trained.</summary>
    public bool IsFrozen(Parameter parameter, FrozenParts frozen)
    {
        var depth = DepthOf(parameter);
        return frozen.Encoder ? depth <= LayerCount : depth == 0 ? frozen.Embeddings || frozen.Layers > 0 : depth <= frozen.Layers;
    }

    /// <summary>Returns the number of the layer that a parameter belongs to, or null if it belongs to none.</summary>
    public static int? LayerOf(string name)
    {
        var parts = name.Split('.');
        return PlaceOfLayer(parts) is var place and >= 0 ? int.Parse(parts[place], CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Returns the name that a parameter of a layer has in a layer with another number.</summary>
    public static string Renumber(string name, int layer)
    {
        var parts = name.Split('.');
        parts[PlaceOfLayer(parts)] = layer.ToString(CultureInfo.InvariantCulture);
        return string.Join('.', parts);
    }

    // "encoder.layer.3.", "encoder.layers.3.": all supported architectures number their layers so.
    private static int PlaceOfLayer(string[] parts)
    {
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i - 1] is not ("layer" or "layers")) continue;
            if (int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out _)) return i;
        }

        return -1;
    }
}
