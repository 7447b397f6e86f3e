using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Format;

namespace SqueezeBert.ModelFolders.Onnx.Layers;

/// <summary>
/// A step of the model that operators of the file compute together, whichever operators they are. It is the common form that is compared
/// with the project's own graphs. Equal layers are one object (<see cref="LayerSet"/>), so they are compared by reference.
/// </summary>
internal abstract class Layer(int width)
{
    public int Id { get; set; } = -1;

    /// <summary>The node of the file that completed the layer, for messages.</summary>
    public OnnxNode? Origin { get; set; }

    /// <summary>The number of channels of a row.</summary>
    public int Width => width;

    /// <summary>A text that describes the layer. Only equal layers have the same text.</summary>
    public abstract string Key { get; }

    public virtual IEnumerable<Layer> Inputs => [];
}

/// <summary>A layer that looks up rows of a table.</summary>
internal sealed class TableLayer(Constant table, EmbeddingIndex index, Constant? mapping = null, Constant? factors = null)
    : Layer((int)table.Shape[1])
{
    public Constant Table => table;

    public EmbeddingIndex Index => index;

    /// <summary>The row number for each index. Null means the index itself.</summary>
    public Constant? Mapping => mapping;

    /// <summary>A factor for the row of each index. Null means none.</summary>
    public Constant? Factors => factors;

    public override string Key => $"table {table.Id} {index} {mapping?.Id} {factors?.Id}";
}

/// <summary>x Wᵀ + b; <paramref name="weight"/> is [out, in / groups].</summary>
internal sealed class LinearLayer(Layer x, Constant weight, Constant? bias, int groups, bool isConvolution) : Layer((int)weight.Shape[0])
{
    public Layer X => x;

    public Constant Weight => weight;

    public Constant? Bias => bias;

    public int Groups => groups;

    /// <summary>Whether the file has a convolution with kernel size 1 here.</summary>
    public bool IsConvolution => isConvolution;

    public override string Key => $"linear {x.Id} {weight.Id} {bias?.Id} {groups} {isConvolution}";

    public override IEnumerable<Layer> Inputs => [x];
}

/// <summary>A layer with one input and without parameters.</summary>
internal sealed class UnaryLayer(UnaryKind kind, Layer x, double number = 0)
    : Layer(kind is UnaryKind.Mean or UnaryKind.Variance ? 1 : x.Width)
{
    public UnaryKind Kind => kind;

    public Layer X => x;

    /// <summary>The epsilon, factor or offset, depending on the kind.</summary>
    public double Number => number;

    public override string Key => $"{kind} {x.Id} {BitConverter.DoubleToInt64Bits(number):x}";

    public override IEnumerable<Layer> Inputs => [x];
}

internal enum UnaryKind
{
    /// <summary>The mean of the channels of a row.</summary>
    Mean,

    /// <summary>x minus its mean.</summary>
    Centered,

    /// <summary>The mean of the squares of a centered row.</summary>
    Variance,

    /// <summary>A centered row, divided by the square root of its variance plus the number.</summary>
    Normalized,

    /// <summary>Multiplied by the number.</summary>
    Scaled,

    /// <summary>The first token of every text.</summary>
    FirstToken,

    /// <summary>Row i is the original row i + the number, with zeros outside of the text.</summary>
    Shifted,

    /// <summary>One value per text, grouped by question.</summary>
    Choices,
}

internal sealed class ActivationLayer(Layer x, Activation activation) : Layer(x.Width)
{
    public Layer X => x;

    public Activation Activation => activation;

    public override string Key => $"activation {x.Id} {activation}";

    public override IEnumerable<Layer> Inputs => [x];
}

/// <summary>x · w, channel by channel.</summary>
internal sealed class ChannelScaleLayer(Layer x, Constant weight) : Layer(x.Width)
{
    public Layer X => x;

    public Constant Weight => weight;

    public override string Key => $"channels {x.Id} {weight.Id}";

    public override IEnumerable<Layer> Inputs => [x];
}

/// <summary>A layer norm, or only scale and shift.</summary>
internal sealed class NormLayer(Layer x, NormKind kind, Constant weight, Constant bias, double epsilon) : Layer(x.Width)
{
    public Layer X => x;

    public NormKind Kind => kind;

    public Constant Weight => weight;

    public Constant Bias => bias;

    public double Epsilon => epsilon;

    public override string Key => $"norm {x.Id} {kind} {weight.Id} {bias.Id} {BitConverter.DoubleToInt64Bits(epsilon):x}";

    public override IEnumerable<Layer> Inputs => [x];
}

/// <summary>A sum. None of its terms is a sum.</summary>
internal sealed class SumLayer(Layer[] terms) : Layer(terms[0].Width)
{
    public IReadOnlyList<Layer> Terms => terms;

    public override string Key => $"sum {string.Join(' ', terms.Select(term => term.Id))}";

    public override IEnumerable<Layer> Inputs => terms;
}

/// <summary>q kᵀ for each head.</summary>
internal sealed class ScoresLayer(Layer query, Layer key, int heads, double scale) : Layer(1)
{
    public Layer Query => query;

    public Layer KeyLayer => key;

    public int Heads => heads;

    public double Scale => scale;

    public override string Key => $"scores {query.Id} {key.Id} {heads} {BitConverter.DoubleToInt64Bits(scale):x}";

    public override IEnumerable<Layer> Inputs => [query, key];
}

/// <summary>Scores with masked padding, or their softmax.</summary>
internal sealed class MaskedScoresLayer(ScoresLayer scores, double scale, bool isSoftmax) : Layer(1)
{
    public ScoresLayer Scores => scores;

    public double Scale => scale;

    public bool IsSoftmax => isSoftmax;

    public override string Key => $"masked {scores.Id} {BitConverter.DoubleToInt64Bits(scale):x} {isSoftmax}";

    public override IEnumerable<Layer> Inputs => [scores];
}

/// <summary>softmax(scale · q kᵀ) v for each head.</summary>
internal sealed class AttentionLayer(Layer query, Layer key, Layer value, int heads, double scale) : Layer(value.Width)
{
    public Layer Query => query;

    public Layer KeyLayer => key;

    public Layer Value => value;

    public int Heads => heads;

    public double Scale => scale;

    public override string Key => $"attention {query.Id} {key.Id} {value.Id} {heads} {BitConverter.DoubleToInt64Bits(scale):x}";

    public override IEnumerable<Layer> Inputs => [query, key, value];
}

/// <summary>Some of a layer's channels.</summary>
internal sealed class ColumnsLayer(Layer x, int start, int count) : Layer(count)
{
    public Layer X => x;

    public int Start => start;

    public override string Key => $"columns {x.Id} {start} {Width}";

    public override IEnumerable<Layer> Inputs => [x];
}

/// <summary>Layers side by side.</summary>
internal sealed class ConcatenatedLayer(Layer[] parts) : Layer(parts.Sum(part => part.Width))
{
    public IReadOnlyList<Layer> Parts => parts;

    public override string Key => $"concatenated {string.Join(' ', parts.Select(part => part.Id))}";

    public override IEnumerable<Layer> Inputs => parts;
}

/// <summary>A convolution along the text of each channel separately. <paramref name="weight"/> has the shape [channels, 1, taps].</summary>
internal sealed class DepthwiseLayer(Layer x, Constant weight, Constant bias) : Layer(x.Width)
{
    public Layer X => x;

    public Constant Weight => weight;

    public Constant Bias => bias;

    public override string Key => $"depthwise {x.Id} {weight.Id} {bias.Id}";

    public override IEnumerable<Layer> Inputs => [x];
}
