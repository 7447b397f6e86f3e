using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Serving;

/// <summary>
/// Computes a 128-bit hash of configuration, tensors, vocabulary and settings for vectors. Tensors are hashed by name and value, so that
/// the same model in other files has the same fingerprint.
/// </summary>
internal static class ModelFingerprint
{
    /// <summary>The version of how the parts are combined.</summary>
    private const string Version = "1";

    public static string Of(ModelFolder folder, BertTokenizer tokenizer, SentenceEncoderSettings? settings)
    {
        var hash = new StreamingHash();
        hash.Add(Version);
        hash.Add(folder.Configuration.ToJson().ToJsonString());
        foreach (var token in tokenizer.Vocabulary.Tokens) hash.Add(token ?? "");
        hash.Add(tokenizer.Options.ToString());
        foreach (var token in tokenizer.Options.AddedTokens) hash.Add(token.ToString());
        if (settings is not null) Add(hash, settings);
        foreach (var name in folder.Tensors.Names.Order(StringComparer.Ordinal))
        {
            if (!folder.Tensors.TryGetTensor(name, out var info) || !IsNumber(info)) continue;
            hash.Add(name);
            var values = new float[info.ElementCount];
            folder.Tensors.ReadFloats(name, values);
            hash.Add(MemoryMarshal.AsBytes<float>(values));
        }

        return hash.ToString();
    }

    private static bool IsNumber(TensorInfo info) =>
        info.Type is TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64;

    private static void Add(StreamingHash hash, SentenceEncoderSettings settings)
    {
        hash.Add($"{settings.Pooling} {settings.PoolsPrompt} {settings.Normalize} {settings.LowerCase} {settings.MaxSequenceLength}");
        foreach (var (name, prompt) in settings.Prompts.OrderBy(prompt => prompt.Key, StringComparer.Ordinal))
        {
            hash.Add(name);
            hash.Add(prompt);
        }

        hash.Add(settings.DefaultPromptName ?? "");
    }
}
