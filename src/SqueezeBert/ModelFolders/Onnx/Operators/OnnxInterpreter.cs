using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Format;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>
/// Interprets a graph once, from its inputs to its outputs, with an artificial batch. All sizes are numbers, so the arithmetic on shapes
/// can be computed, and the layers of the model remain in a common form. No activation is computed.
/// </summary>
internal sealed class OnnxInterpreter
{
    // Small, and unlike each other.
    private const long MadeUpTexts = 3, MadeUpTokens = 7, MadeUpChoices = 2;
    private const long MaxTexts = 1 << 16, MaxTokens = 1 << 16;
    private readonly OnnxGraph _graph;
    private readonly ConstantPool _pool;
    private readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    private readonly OnnxBatch _batch;

    private OnnxInterpreter(OnnxGraph graph, ConstantPool pool)
    {
        _graph = graph;
        _pool = pool;
        foreach (var (name, constant) in graph.Initializers) _values[name] = new ConstantValue(constant);
        long texts = MadeUpTexts, tokens = MadeUpTokens;
        var hasFixedTokens = false;
        foreach (var input in graph.Inputs)
        {
            if (input.Sizes.Count < 2) continue;
            if (input.Sizes[0] > 0) texts = input.Sizes[0];
            if (input.Sizes[^1] <= 0) continue;
            tokens = input.Sizes[^1];
            hasFixedTokens = true;
        }

        if (texts > MaxTexts || tokens is < 2 or > MaxTokens)
            throw new InvalidModelFileException(pool.Source.Name, null,
                $"reads {texts} texts of {tokens} tokens; supported are at most {MaxTexts} of 2 to {MaxTokens}");
        _batch = new OnnxBatch(texts, tokens, hasFixedTokens);
        foreach (var input in graph.Inputs) _values[input.Name] = InputValue(input);
    }

    public LayerSet Layers { get; } = new();

    /// <summary>The values of the outputs.</summary>
    public IReadOnlyList<(string Name, OnnxValue Value)> Outputs { get; private set; } = [];

    public static OnnxInterpreter Run(OnnxGraph graph, ConstantPool pool)
    {
        var interpreter = new OnnxInterpreter(graph, pool);
        foreach (var node in graph.Nodes) interpreter.Run(node);
        interpreter.Outputs = [.. graph.Outputs.Select(name => (name, interpreter.Find(name, null)))];
        return interpreter;
    }

    private OnnxValue InputValue(OnnxInput input)
    {
        long[] shape = input.Sizes.Count == 3
            ? [input.Sizes[0] > 0 ? input.Sizes[0] : MadeUpTexts, input.Sizes[1] is > 0 and <= MaxTexts ? input.Sizes[1] : MadeUpChoices,
                _batch.Tokens]
            : [_batch.Texts, _batch.Tokens];
        return input.Name switch
        {
            "input_ids" or "ids" or "input_word_ids" => new IndexValue(EmbeddingIndex.TokenId, shape),
            "token_type_ids" or "segment_ids" or "input_type_ids" => new IndexValue(EmbeddingIndex.TokenTypeId, shape),
            "position_ids" => new IndexValue(EmbeddingIndex.Position, shape),
            "attention_mask" or "input_mask" or "mask" => new MaskValue(1, 0, shape, shape.Length - 1),
            _ => new UnknownValue(null,
                $"input '{input.Name}' is none that a supported model has (input_ids, attention_mask, token_type_ids, position_ids)"),
        };
    }

    private OnnxValue Find(string name, OnnxNode? reader)
    {
        if (_values.TryGetValue(name, out var value)) return value;
        throw new InvalidModelFileException(
            _pool.Source.Name, null, reader is null ? $"has an output '{name}' that no node makes"
                : $"{reader} reads '{name}', which no node before it makes");
    }

    private void Run(OnnxNode node)
    {
        var inputs = new OnnxValue?[node.Inputs.Count];
        UnknownValue? unknown = null;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (node.Inputs[i].Length == 0) continue;
            inputs[i] = Find(node.Inputs[i], node);
            unknown ??= inputs[i] as UnknownValue;
        }

        var call = new OperatorCall(node, inputs, _pool, Layers, _batch, _graph.OperatorSet);
        var first = unknown ?? OperatorTable.Apply(call);
        for (var i = 0; i < node.Outputs.Count; i++)
        {
            var name = node.Outputs[i];
            if (name.Length == 0) continue;
            var value = i == 0 ? first : call.MoreOutputs.GetValueOrDefault(i) ?? first as UnknownValue
                ?? new UnknownValue(node, $"its output {i} is not supported");
            if (!_values.TryAdd(name, value))
                throw new InvalidModelFileException(_pool.Source.Name, null, $"{node} makes '{name}', which is there already");
        }
    }
}
