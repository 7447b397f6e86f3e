using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders.Onnx.Writing;

namespace SqueezeBert.Onnx.Tests;

/// <summary>Writes a BERT encoder node by node in one of the styles that are met in published files.</summary>
internal sealed class BertFile
{
    private readonly OnnxFile _file;
    private readonly BertStyle _style;
    private readonly BertConfiguration _model;
    private readonly Dictionary<string, Parameter> _parameters;
    private readonly IParameterSource _source;
    private int _count = 700;

    private BertFile(BertConfiguration model, IParameterSource source, BertStyle style)
    {
        _file = new OnnxFile(style.OperatorSet);
        _style = style;
        _model = model;
        _source = source;
        _parameters = ModelGraph.Create(model, ModelHead.None).Parameters.ToDictionary(parameter => parameter.Name);
    }

    public static void Save(string path, BertConfiguration model, IParameterSource source, BertStyle style, bool hasExternalData = false)
    {
        var file = new BertFile(model, source, style);
        file.Write();
        file._file.Save(path, hasExternalData ? 0 : int.MaxValue);
    }

    public static void Save(Stream stream, BertConfiguration model, IParameterSource source, BertStyle style)
    {
        var file = new BertFile(model, source, style);
        file.Write();
        file._file.Save(stream);
    }

    private void Write()
    {
        foreach (var name in (string[])["input_ids", "attention_mask", "token_type_ids"])
            _file.Input(name, OnnxTensor.Int64, "batch", "sequence");
        var x = Embeddings();
        for (var layer = 0; layer < _model.LayerCount; layer++)
        {
            var name = $"encoder.layer.{layer}";
            var context = Attention(x, name + ".attention.self");
            x = Residual(x, context, name + ".attention.output");
            var middle = _style.Gelu == GeluStyle.BiasGelu
                ? _file.Add("com.microsoft.BiasGelu", [Product(x, name + ".intermediate.dense"), Vector(name + ".intermediate.dense.bias")])
                : Gelu(Linear(x, name + ".intermediate.dense"));
            x = Residual(x, middle, name + ".output");
        }

        // Output names of old exports are numbers.
        var (width, pooler) = ((long)_model.HiddenSize,
            _file.Add("Gather", [x, _file.Constant(OnnxTensor.OfIntegers("first", [0]) with { Shape = [] })], ("axis", 1L)));
        pooler = _file.Add("Tanh", [_file.Add("Gemm", [pooler, Matrix("pooler.dense.weight"), Vector("pooler.dense.bias")], ("transB", 1L),
            ("alpha", 1f), ("beta", 1f))]);
        _file.AddNamed("last_hidden_state", "Identity", [x]);
        _file.AddNamed("924", "Identity", [pooler]);
        _file.Output("last_hidden_state", OnnxTensor.Float, "batch", "sequence", width);
        _file.Output("924", OnnxTensor.Float, "batch", width);
    }

    private string Embeddings()
    {
        if (_style.Embedding == EmbeddingStyle.Fused)
        {
            string ids = Cast("input_ids", OnnxTensor.Int32), types = Cast("token_type_ids", OnnxTensor.Int32),
                mask = Cast("attention_mask", OnnxTensor.Int32);
            return _file.AddMany(
                2,
                "com.microsoft.EmbedLayerNormalization",
                [ids, types, Matrix("embeddings.word_embeddings.weight"), Matrix("embeddings.position_embeddings.weight"),
                    Matrix("embeddings.token_type_embeddings.weight"), Vector("embeddings.LayerNorm.weight"),
                        Vector("embeddings.LayerNorm.bias"), mask],
                ("epsilon", (float)_model.LayerNormEpsilon))[0];
        }

        var tokens = _file.Add("Gather", [_file.Add("Shape", ["input_ids"]), _file.Index(1)], ("axis", 0L));
        var words = _file.Add("Gather", [Table("embeddings.word_embeddings.weight"), "input_ids"]);
        if (_style.Embedding == EmbeddingStyle.Quantized)
        {
            var (_, scale, zero) = Quantized("embeddings.word_embeddings.weight");
            words = _file.Add("DequantizeLinear", [words, scale, zero]);
        }

        var sum = _file.Add("Add", [words, _file.Add("Gather", [Matrix("embeddings.token_type_embeddings.weight"), "token_type_ids"])]);
        var positions = _style.Embedding == EmbeddingStyle.Range
            ? Unsqueeze(_file.Add("Range", [_file.Index(0), tokens, _file.Index(1)]), 0)
            : _file.Add("Slice", [PositionIds(), _file.Integers(0), Unsqueeze(_file.Add("Add", [tokens, _file.Index(0)]), 0),
                _file.Integers(1), _file.Integers(1)]);
        sum = _file.Add("Add", [sum, _file.Add("Gather", [Matrix("embeddings.position_embeddings.weight"), positions])]);
        return Norm(sum, "embeddings.LayerNorm");
    }

    private string PositionIds() => _file.Constant(
        OnnxTensor.OfIntegers("embeddings.position_ids",
            [.. Enumerable.Range(0, _model.MaxPositionEmbeddings).Select(position => (long)position)])
            with
        { Shape = [1, _model.MaxPositionEmbeddings] });

    private string Attention(string x, string name)
    {
        if (_style.Attention is AttentionStyle.Packed or AttentionStyle.Packed8Bit) return PackedAttention(x, name);
        string q = Linear(x, name + ".query"), k = Linear(x, name + ".key"), v = Linear(x, name + ".value");
        if (_style.Attention == AttentionStyle.MultiHead)
            return _file.Add("com.microsoft.MultiHeadAttention", [q, k, v, "", Cast("attention_mask", OnnxTensor.Int32)],
                ("num_heads", (long)_model.HeadCount));
        var width = _model.HiddenSize / _model.HeadCount;
        var scale = MathF.Sqrt(width);
        q = Heads(q, 0, 2, 1, 3);
        k = Heads(k, 0, 2, 3, 1);
        v = Heads(v, 0, 2, 1, 3);
        string scores;
        switch (_style.Attention)
        {
            case AttentionStyle.ScaledDotProduct:
                // 1 / √width, and its root on either side.
                var root = _file.Add("Sqrt", [_file.Add("Div",
                    [_file.Scalar(1), _file.Add("Sqrt", [Cast(_file.Index(width), OnnxTensor.Float)])])]);
                scores = _file.Add("MatMul", [_file.Add("Mul", [q, root]), _file.Add("Mul", [k, root])]);
                var kept = _file.Add("Expand", [
                    Unsqueeze(Unsqueeze(Cast("attention_mask", OnnxTensor.Bool), 1), 2),
                    _file.Add("Concat", [Size("input_ids", 0), _file.Integers(1), Size("input_ids", 1), Size("input_ids", 1)],
                        ("axis", 0L)),
                ]);
                scores = _file.Add("Add", [scores, _file.Add("Where", [kept, _file.Scalar(0), _file.Scalar(float.NegativeInfinity)])]);
                break;
            case AttentionStyle.Filled:
                scores = _file.Add("MatMul", [_file.Add("Div", [q, _file.Scalar(scale)]), k]);
                var padding = _file.Add("Equal", ["attention_mask", _file.Index(0)]);
                padding = _file.Add("Reshape",
                    [padding, _file.Add("Concat", [Size("input_ids", 0), _file.Integers(1), _file.Integers(1), Size("input_ids", 1)],
                    ("axis", 0L))]);
                padding = _file.Add("Expand", [padding, _file.Add("Shape", [scores])]);
                scores = _file.Add("Where", [padding, _file.Scalar(float.MinValue), scores]);
                break;
            default:
                var mask = Unsqueeze(Unsqueeze("attention_mask", 1), 2);
                mask = _file.Add("Mul", [_file.Add("Sub", [_file.Scalar(1), Cast(mask, OnnxTensor.Float)]), _file.Scalar(float.MinValue)]);
                scores = _file.Add("Add", [_file.Add("Div", [_file.Add("MatMul", [q, k]), _file.Scalar(scale)]), mask]);
                break;
        }

        var probabilities = _file.Add("Softmax", [scores], ("axis", _style.OperatorSet < 13 ? 3L : -1L));
        if (_style.Attention == AttentionStyle.ScaledDotProduct)
            probabilities = _file.Add("Where", [_file.Add("IsNaN", [probabilities]), _file.Scalar(0), probabilities]);
        var context = _file.Add("Transpose", [_file.Add("MatMul", [probabilities, v])], ("perm", new[] { 0L, 2, 1, 3 }));
        return _file.Add("Reshape", [context,
            _file.Add("Concat", [Size(context, 0), Size(context, 1), _file.Integers(_model.HiddenSize)], ("axis", 0L))]);
    }

    private string Heads(string x, params long[] order)
    {
        var target = _file.Add("Concat",
            [Size(x, 0), Size(x, 1), _file.Integers(_model.HeadCount), _file.Integers(_model.HiddenSize / _model.HeadCount)], ("axis", 0L));
        return _file.Add("Transpose", [_file.Add("Reshape", [x, target])], ("perm", order));
    }

    private string PackedAttention(string x, string name)
    {
        var (width, parts) = (_model.HiddenSize, (string[])[".query", ".key", ".value"]);
        var packed = new float[width * 3 * width];
        for (var part = 0; part < 3; part++)
        {
            var weight = Values(name + parts[part] + ".weight");
            for (var output = 0; output < width; output++)
                for (var input = 0; input < width; input++) packed[(input * 3 * width) + (part * width) + output] =
                    weight[(output * width) + input];
        }

        var biases = _file.Constant(Tensor(name + ".packed.bias", [3 * width],
            [.. parts.SelectMany(part => Values(name + part + ".bias"))]));
        var heads = ("num_heads", (object)(long)_model.HeadCount);
        var mask = _file.Add("ReduceSum", [Cast("attention_mask", OnnxTensor.Int32), _file.Integers(1)], ("keepdims", 0L));
        if (_style.Attention == AttentionStyle.Packed)
            return _file.Add("com.microsoft.Attention",
                [x, _file.Constant(Tensor(name + ".packed", [width, 3 * width], packed)), biases, mask], heads);
        var (weights, scale, zero) = Quantize(name + ".packed", [width, 3 * width], packed);
        var q = _file.AddMany(3, "DynamicQuantizeLinear", [x]);
        return _file.Add("com.microsoft.QAttention", [q[0], weights, biases, q[1], scale, mask, q[2], zero], heads);
    }

    private string Residual(string x, string inner, string name)
    {
        if (_style.Norm != NormStyle.Skip) return Norm(_file.Add("Add", [Linear(inner, name + ".dense"), x]), name + ".LayerNorm");
        return _file.Add(
            "com.microsoft.SkipLayerNormalization",
            [Product(inner, name + ".dense"), x, Vector(name + ".LayerNorm.weight"), Vector(name + ".LayerNorm.bias"),
                Vector(name + ".dense.bias")],
            ("epsilon", (float)_model.LayerNormEpsilon));
    }

    private string Norm(string x, string name)
    {
        string weight = Vector(name + ".weight"), bias = Vector(name + ".bias");
        if (_style.Norm is NormStyle.Operator or NormStyle.Skip)
            return _file.Add("LayerNormalization", [x, weight, bias], ("axis", -1L), ("epsilon", (float)_model.LayerNormEpsilon));
        var centered = _file.Add("Sub", [x, Mean(x)]);
        var isReciprocal = _style.Norm == NormStyle.Reciprocal;
        var squares = isReciprocal ? _file.Add("Mul", [centered, centered]) : _file.Add("Pow", [centered, _file.Scalar(2)]);
        var root = _file.Add("Sqrt", [_file.Add("Add", [Mean(squares), _file.Scalar((float)_model.LayerNormEpsilon)])]);
        var normalized = isReciprocal ? _file.Add("Mul", [_file.Add("Reciprocal", [root]), centered]) : _file.Add("Div", [centered, root]);
        return _file.Add("Add", [_file.Add("Mul", [normalized, weight]), bias]);
    }

    private string Mean(string x) => _style.OperatorSet < 18
        ? _file.Add("ReduceMean", [x], ("axes", new[] { -1L }))
        : _file.Add("ReduceMean", [x, _file.Integers(-1)]);

    private string Gelu(string x)
    {
        switch (_style.Gelu)
        {
            case GeluStyle.Operator:
                return _file.Add(_style.OperatorSet < 20 ? "com.microsoft.Gelu" : "Gelu", [x]);
            case GeluStyle.Reordered:
                var error = _file.Add("Add", [_file.Scalar(1), _file.Add("Erf", [_file.Add("Mul", [x, _file.Scalar(1 / MathF.Sqrt(2))])])]);
                return _file.Add("Mul", [_file.Add("Mul", [_file.Scalar(0.5f), x]), error]);
            default:
                var one = _file.Add("Add", [_file.Add("Erf", [_file.Add("Div", [x, _file.Scalar(MathF.Sqrt(2))])]), _file.Scalar(1)]);
                return _file.Add("Mul", [_file.Add("Mul", [x, one]), _file.Scalar(0.5f)]);
        }
    }

    private string Linear(string x, string name)
    {
        var bias = Vector(name + ".bias");
        switch (_style.Linear)
        {
            case LinearStyle.Flattened:
                var flat = _file.Add("Gemm", [_file.Add("Reshape", [x, _file.Integers(-1, _parameters[name + ".weight"].Columns)]),
                    Matrix(name + ".weight"), bias], ("transB", 1L));
                return _file.Add("Reshape", [flat,
                    _file.Add("Concat", [Size("input_ids", 0), _file.Integers(-1, _parameters[name + ".weight"].Rows)], ("axis", 0L))]);
            case LinearStyle.DynamicQuantizeMatMul:
                var (weight, scale, zero) = QuantizedTransposed(name + ".weight");
                return _file.Add("com.microsoft.DynamicQuantizeMatMul", [x, weight, scale, zero, bias]);
            default:
                return _file.Add("Add", [bias, Product(x, name)]);
        }
    }

    /// <summary>The layer without its bias.</summary>
    private string Product(string x, string name)
    {
        switch (_style.Linear)
        {
            case LinearStyle.TransposeNode:
                return _file.Add("MatMul", [x, _file.Add("Transpose", [Matrix(name + ".weight")], ("perm", new[] { 1L, 0 }))]);
            case LinearStyle.FusedMatMul:
                return _file.Add("com.microsoft.FusedMatMul", [x, Matrix(name + ".weight")], ("transB", 1L), ("alpha", 1f));
            case LinearStyle.Dynamic8Bit:
                var (weight, scale, zero) = QuantizedTransposed(name + ".weight");
                var q = _file.AddMany(3, "DynamicQuantizeLinear", [x]);
                var integers = _file.Add("MatMulInteger", [q[0], weight, q[2], zero]);
                return _file.Add("Mul", [Cast(integers, OnnxTensor.Float), _file.Add("Mul", [q[1], scale])]);
            case LinearStyle.QuantizeDequantize:
                string inputScale = _file.Scalar(0.05f),
                    inputZero = _file.Constant(OnnxTensor.OfBytes("input.zero", [], OnnxTensor.UInt8, () => [128]));
                x = _file.Add("DequantizeLinear", [_file.Add("QuantizeLinear", [x, inputScale, inputZero]), inputScale, inputZero]);
                var (columns, scales) = QuantizedColumns(name + ".weight");
                return _file.Add("MatMul", [x, _file.Add("DequantizeLinear", [columns, scales], ("axis", 1L))]);
            default:
                // An exporter that folds the transposition makes a new constant, and has no name for it.
                return _file.Add("MatMul", [x,
                    Stored($"onnx::MatMul_{_count++}", [_parameters[name + ".weight"].Columns, _parameters[name + ".weight"].Rows],
                    Transposed(name + ".weight"))]);
        }
    }

    private string Table(string name) => _style.Embedding == EmbeddingStyle.Quantized ? Quantized(name).Values : Matrix(name);

    private string Matrix(string name) => Stored(name, [.. _parameters[name].Shape.Select(size => (long)size)], Values(name));

    private string Vector(string name) => Matrix(name);

    /// <summary>A constant in the style's type, cast where the operators need float32.</summary>
    private string Stored(string name, long[] shape, float[] values)
    {
        if (_style.Weights == WeightStyle.Float32) return _file.Constant(Tensor(name, shape, values));
        var isHalf = _style.Weights == WeightStyle.Float16;
        ushort[] bits = [.. values.Select(value => isHalf ? BitConverter.HalfToUInt16Bits((Half)value)
            : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
        var stored = _file.Constant(OnnxTensor.OfBytes(name, shape, isHalf ? OnnxTensor.Float16 : OnnxTensor.BFloat16, () =>
            MemoryMarshal.AsBytes<ushort>(bits).ToArray()));
        return Cast(stored, OnnxTensor.Float);
    }

    private static OnnxTensor Tensor(string name, long[] shape, float[] values) =>
        OnnxTensor.OfBytes(name, shape, OnnxTensor.Float, () => MemoryMarshal.AsBytes<float>(values).ToArray());

    private float[] Values(string name)
    {
        var values = new float[_parameters[name].Length];
        _source.Read(_parameters[name], values);
        return values;
    }

    private float[] Transposed(string name)
    {
        var (values, rows, columns) = (Values(name), _parameters[name].Rows, _parameters[name].Columns);
        return [.. Enumerable.Range(0, values.Length).Select(i => values[(i % rows * columns) + (i / rows)])];
    }

    private (string Values, string Scale, string Zero) Quantized(string name) =>
        Quantize(name, [.. _parameters[name].Shape.Select(size => (long)size)], Values(name));

    private (string Values, string Scale, string Zero) QuantizedTransposed(string name) =>
        Quantize(name + ".transposed", [_parameters[name].Columns, _parameters[name].Rows], Transposed(name));

    /// <summary>Unsigned 8-bit integers with one scale and zero point, as ONNX Runtime's quantizer makes them.</summary>
    private (string Values, string Scale, string Zero) Quantize(string name, long[] shape, float[] values)
    {
        var (bytes, scale, zero) = EightBits.Of(values);
        return (
            _file.Constant(OnnxTensor.OfBytes(name + "_quantized", shape, OnnxTensor.UInt8, () => bytes)),
            _file.Constant(OnnxTensor.OfScalar(name + "_scale", scale)),
            _file.Constant(OnnxTensor.OfBytes(name + "_zero_point", [], OnnxTensor.UInt8, () => [zero])));
    }

    /// <summary>Signed 8-bit integers with a scale for each column of the transposed matrix.</summary>
    private (string Values, string Scales) QuantizedColumns(string name)
    {
        var (values, rows, columns) = (Values(name), _parameters[name].Rows, _parameters[name].Columns);
        var scales = new float[rows];
        var bytes = new byte[values.Length];
        for (var row = 0; row < rows; row++)
        {
            scales[row] = EightBits.SymmetricScale(values.AsSpan(row * columns, columns));
            for (var column = 0; column < columns; column++) bytes[(column * rows) + row] =
                (byte)EightBits.Symmetric(values[(row * columns) + column], scales[row]);
        }

        return (_file.Constant(OnnxTensor.OfBytes(name + "_columns", [columns, rows], OnnxTensor.Int8, () => bytes)),
            _file.Constant(Tensor(name + "_scales", [rows], scales)));
    }

    private string Cast(string x, int type) => _file.Add("Cast", [x], ("to", (long)type));

    private string Unsqueeze(string x, long axis) => _style.OperatorSet < 13
        ? _file.Add("Unsqueeze", [x], ("axes", new[] { axis }))
        : _file.Add("Unsqueeze", [x, ConstantNode(axis)]);

    /// <summary>Exporters of scripts write constants as nodes.</summary>
    private string ConstantNode(long value) => _file.Add("Constant", [], ("value", OnnxTensor.OfIntegers("", [value])));

    private string Size(string x, long axis) => Unsqueeze(_file.Size(x, axis), 0);
}
