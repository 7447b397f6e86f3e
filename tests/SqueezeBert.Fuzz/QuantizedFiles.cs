using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Kernels;
using SqueezeBert.ModelFolders.Quantization;

namespace SqueezeBert.Fuzz;

/// <summary>The reader of quantized weights: files of tensors under settings that are good, and settings by themselves.</summary>
internal static class QuantizedFiles
{
    private const string GoodSettings =
        """
        {
         "quant_method": "compressed-tensors",
         "format": "mixed-precision",
         "quantization_status": "compressed",
         "ignore": [],
         "config_groups": {
          "group_0": {
           "targets": ["Linear"],
           "format": "int-quantized",
           "weights": {"num_bits": 8, "type": "int", "symmetric": true, "strategy": "channel", "dynamic": false},
           "input_activations": {"num_bits": 8, "type": "int", "symmetric": true, "strategy": "token", "dynamic": true},
           "output_activations": null
          },
          "group_1": {
           "targets": ["Embedding"],
           "format": "pack-quantized",
           "weights": {"num_bits": 4, "type": "int", "symmetric": true, "strategy": "channel", "group_size": null},
           "input_activations": null
          },
          "group_2": {
           "targets": ["x"],
           "format": "pack-quantized",
           "weights": {"num_bits": 8, "type": "int", "symmetric": true, "group_size": -1}
          }
         }
        }
        """;

    public static FuzzTarget Tensors() => new(
        "quantized",
        [.. Corpus()],
        [.. FuzzTargets.JsonWords, .. FuzzTarget.Texts("\"dtype\"", "\"I8\"", "\"I32\"", "\"F32\"", "_scale", "_packed", "_shape",
            "_zero_point", "_g_idx", "a.weight", "b.weight", "[2,1]", "[0,0]", "-1")],
        IsText: true,
        Read)
    {
        Repair = FuzzTargets.RepairHeader,
    };

    public static FuzzTarget Settings() => new(
        "quantization_config",
        FuzzTarget.Texts($$"""{"quantization_config":{{GoodSettings}}}"""),
        [.. FuzzTargets.JsonWords, .. FuzzTarget.Texts("\"group\"", "\"channel\"", "\"group_size\":128", "\"num_bits\":4", "false",
            "\"actorder\":\"group\"", "\"block_structure\":[1,1]", "\"format\":", "\"weights\":null", "1e400")],
        IsText: true,
        (bytes, _) =>
        {
            var json = StrictJson.ParseObject(bytes, "config.json");
            if (json[QuantizationSettings.Field] is { } field) QuantizationSettings.Parse(field, "config.json");
        });

    private static IEnumerable<byte[]> Corpus()
    {
        var random = new Random(1);
        foreach (var (rows, columns) in ((int, int)[])[(2, 3), (3, 8), (1, 17)]) yield return File(random, rows, columns);
    }

    private static byte[] File(Random random, int rows, int columns)
    {
        var values = new float[rows * columns];
        foreach (ref var value in values.AsSpan()) value = (float)(random.NextDouble() - 0.5);
        var writer = new SafetensorsWriter();
        QuantizedTensorWriter.Add(writer, new NamedTensor("a.weight", [rows, columns], values), StoredForm.Int8);
        QuantizedTensorWriter.Add(writer, new NamedTensor("b.weight", [rows, columns], values), StoredForm.Int4);
        writer.Add("c.weight_scale", [rows], Enumerable.Repeat(1f, rows).ToArray(), TensorType.BFloat16);
        writer.AddBytes("c.weight_packed", [rows, (columns + 3) / 4], new byte[rows * ((columns + 3) / 4 * 4)], TensorType.Int32);
        writer.Add("c.weight_shape", [2], new long[] { rows, columns });
        var stream = new MemoryStream();
        writer.Save(stream);
        return stream.ToArray();
    }

    private static void Read(byte[] bytes, float[] buffer)
    {
        // An element takes half a byte at least.
        const int MaxGrowth = 2;
        using var source = QuantizedTensors.Wrap(
            SafetensorsFile.Open(ByteSource.InMemory("model.safetensors", bytes)), JsonNode.Parse(GoodSettings), "config.json",
            "model.safetensors");
        foreach (var name in source.Names)
        {
            if (!source.TryGetTensor(name, out var info)) throw new InvalidOperationException($"'{name}' is listed and not there");
            if (info.ElementCount > MaxGrowth * (long)bytes.Length)
                throw new InvalidOperationException($"'{name}' has more elements than the file has room for");
            source.ReadFloats(name, buffer.AsSpan(0, (int)info.ElementCount));
            var form = ((QuantizedTensors)source).FormOf(name);
            if (form == StoredForm.Float32) continue;
            var rows = info.Shape[0];
            var rowBytes = StoredForms.RowBytes(form, (int)(info.ElementCount / rows));
            ((QuantizedTensors)source).ReadRows(name, new byte[rows * rowBytes], new float[rows]);
        }
    }
}
