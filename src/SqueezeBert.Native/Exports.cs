using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SqueezeBert.Native;

/// <summary>The functions of squeezebert.h, which documents them. Nothing is thrown across the border.</summary>
internal static unsafe class Exports
{
    private static readonly byte[] Version = NativeText.Pinned(typeof(InferenceModel).Assembly.GetName().Version!.ToString(3));

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_version", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetVersion() => NativeText.Address(Version);

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_last_error", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetLastError() => NativeError.Last;

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_load_classifier", CallConvs = [typeof(CallConvCdecl)])]
    public static NativeStatus LoadClassifier(byte* path, int threads, int precision, nint* model) =>
        Load(path, threads, precision, model, static (path, options) => new NativeModel(TextClassifier.Load(path, model: options)));

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_load_embedder", CallConvs = [typeof(CallConvCdecl)])]
    public static NativeStatus LoadEmbedder(byte* path, int threads, int precision, nint* model) =>
        Load(path, threads, precision, model, static (path, options) => new NativeModel(TextEmbedder.Load(path, model: options)));

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_width", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetWidth(nint model) => NativeModel.TryFind(model)?.Width ?? 0;

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_label", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetLabel(nint model, int index) =>
        NativeModel.TryFind(model)?.Labels is { } labels && (uint)index < (uint)labels.Count ? NativeText.Address(labels[index]) : null;

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_classify", CallConvs = [typeof(CallConvCdecl)])]
    public static NativeStatus Classify(nint model, byte** texts, int count, float* scores)
    {
        try
        {
            var found = NativeModel.Find(model);
            if (found.Classifier is null) throw new ArgumentException("the model makes vectors; squeezebert_embed() asks it");
            found.Classify(NativeText.ReadAll(texts, count), Results(scores, count, found.Width));
            return NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return NativeError.Keep(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_embed", CallConvs = [typeof(CallConvCdecl)])]
    public static NativeStatus Embed(nint model, byte** texts, int count, float* vectors)
    {
        try
        {
            var found = NativeModel.Find(model);
            if (found.Embedder is null) throw new ArgumentException("the model is a classifier; squeezebert_classify() asks it");
            found.Embed(NativeText.ReadAll(texts, count), Results(vectors, count, found.Width));
            return NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return NativeError.Keep(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "squeezebert_free", CallConvs = [typeof(CallConvCdecl)])]
    public static NativeStatus Free(nint model)
    {
        try
        {
            if (model != 0) NativeModel.Remove(model);
            return NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return NativeError.Keep(e);
        }
    }

    private static NativeStatus Load(byte* path, int threads, int precision, nint* model, Func<string, ModelOptions, NativeModel> load)
    {
        try
        {
            if (model is null) throw new ArgumentException("there is no place for the model: the pointer is NULL");
            *model = 0;
            if (!Enum.IsDefined((Precision)precision))
                throw new ArgumentException($"{precision} is no precision; SQUEEZEBERT_AUTO, SQUEEZEBERT_FLOAT32 and SQUEEZEBERT_INT8 are");
            *model = NativeModel.Add(load(NativeText.Read(path, "the path"), new ModelOptions
            {
                Precision = (Precision)precision,
                Threads = threads == 0 ? null : threads,
            }));
            return NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return NativeError.Keep(e);
        }
    }

    private static Span<float> Results(float* results, int count, int width) =>
        results is null && count > 0 ? throw new ArgumentException("there is no place for results: the pointer is NULL")
        : new Span<float>(results, checked(count * width));
}
