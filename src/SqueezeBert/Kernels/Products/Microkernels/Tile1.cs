using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>Tiles one vector wide and up to 12 rows high: 12 sums in registers.</summary>
internal static unsafe class Tile1<TSimd, TVector, TRows>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, IRows
{
    /// <inheritdoc cref="TileArguments"/>
    [MethodImpl(LeafKernel.Compilation)]
    public static void Run(TileArguments* t)
    {
        // A row of a is found from a pointer for each four rows, which takes fewer registers than one for each.
        nint row = t->ARowStride, row2 = row * 2, row3 = row * 3, aStep = t->AStep, bStep = t->BStep;
        float* a0 = t->A, a4 = a0 + (row * 4), a8 = a4 + (row * 4), b = t->B;
        TVector c00 = default;
        TVector c10 = default;
        TVector c20 = default;
        TVector c30 = default;
        TVector c40 = default;
        TVector c50 = default;
        TVector c60 = default;
        TVector c70 = default;
        TVector c80 = default;
        TVector c90 = default;
        TVector cA0 = default;
        TVector cB0 = default;

        if (t->Accumulate)
        {
            var c = t->C;
            c00 = TSimd.Load(c);
            if (TRows.Value > 1) { c += t->CStride; c10 = TSimd.Load(c); }
            if (TRows.Value > 2) { c += t->CStride; c20 = TSimd.Load(c); }
            if (TRows.Value > 3) { c += t->CStride; c30 = TSimd.Load(c); }
            if (TRows.Value > 4) { c += t->CStride; c40 = TSimd.Load(c); }
            if (TRows.Value > 5) { c += t->CStride; c50 = TSimd.Load(c); }
            if (TRows.Value > 6) { c += t->CStride; c60 = TSimd.Load(c); }
            if (TRows.Value > 7) { c += t->CStride; c70 = TSimd.Load(c); }
            if (TRows.Value > 8) { c += t->CStride; c80 = TSimd.Load(c); }
            if (TRows.Value > 9) { c += t->CStride; c90 = TSimd.Load(c); }
            if (TRows.Value > 10) { c += t->CStride; cA0 = TSimd.Load(c); }
            if (TRows.Value > 11) { c += t->CStride; cB0 = TSimd.Load(c); }
        }

        var next = t->Prefetch;
        var nextStep = t->PrefetchStep;
        for (var k = t->K; k > 0; k--)
        {
            TSimd.Prefetch(next);
            next += nextStep;
            TVector b0 = TSimd.Load(b), x;
            x = TSimd.Broadcast(a0);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            if (TRows.Value > 1) { x = TSimd.Broadcast(a0 + row); c10 = TSimd.MultiplyAdd(x, b0, c10); }
            if (TRows.Value > 2) { x = TSimd.Broadcast(a0 + row2); c20 = TSimd.MultiplyAdd(x, b0, c20); }
            if (TRows.Value > 3) { x = TSimd.Broadcast(a0 + row3); c30 = TSimd.MultiplyAdd(x, b0, c30); }
            if (TRows.Value > 4) { x = TSimd.Broadcast(a4); c40 = TSimd.MultiplyAdd(x, b0, c40); }
            if (TRows.Value > 5) { x = TSimd.Broadcast(a4 + row); c50 = TSimd.MultiplyAdd(x, b0, c50); }
            if (TRows.Value > 6) { x = TSimd.Broadcast(a4 + row2); c60 = TSimd.MultiplyAdd(x, b0, c60); }
            if (TRows.Value > 7) { x = TSimd.Broadcast(a4 + row3); c70 = TSimd.MultiplyAdd(x, b0, c70); }
            if (TRows.Value > 8) { x = TSimd.Broadcast(a8); c80 = TSimd.MultiplyAdd(x, b0, c80); }
            if (TRows.Value > 9) { x = TSimd.Broadcast(a8 + row); c90 = TSimd.MultiplyAdd(x, b0, c90); }
            if (TRows.Value > 10) { x = TSimd.Broadcast(a8 + row2); cA0 = TSimd.MultiplyAdd(x, b0, cA0); }
            if (TRows.Value > 11) { x = TSimd.Broadcast(a8 + row3); cB0 = TSimd.MultiplyAdd(x, b0, cB0); }
            a0 += aStep;
            if (TRows.Value > 4) a4 += aStep;
            if (TRows.Value > 8) a8 += aStep;
            b += bStep;
        }

        if (t->Bias is not null)
        {
            var bias = t->Bias;
            var b0 = TSimd.Load(bias);
            c00 = TSimd.Add(c00, b0);
            if (TRows.Value > 1) { c10 = TSimd.Add(c10, b0); }
            if (TRows.Value > 2) { c20 = TSimd.Add(c20, b0); }
            if (TRows.Value > 3) { c30 = TSimd.Add(c30, b0); }
            if (TRows.Value > 4) { c40 = TSimd.Add(c40, b0); }
            if (TRows.Value > 5) { c50 = TSimd.Add(c50, b0); }
            if (TRows.Value > 6) { c60 = TSimd.Add(c60, b0); }
            if (TRows.Value > 7) { c70 = TSimd.Add(c70, b0); }
            if (TRows.Value > 8) { c80 = TSimd.Add(c80, b0); }
            if (TRows.Value > 9) { c90 = TSimd.Add(c90, b0); }
            if (TRows.Value > 10) { cA0 = TSimd.Add(cA0, b0); }
            if (TRows.Value > 11) { cB0 = TSimd.Add(cB0, b0); }
        }

        if (t->Residual is not null)
        {
            var residual = t->Residual;
            c00 = TSimd.Add(c00, TSimd.Load(residual));
            if (TRows.Value > 1) { residual += t->ResidualStride; c10 = TSimd.Add(c10, TSimd.Load(residual)); }
            if (TRows.Value > 2) { residual += t->ResidualStride; c20 = TSimd.Add(c20, TSimd.Load(residual)); }
            if (TRows.Value > 3) { residual += t->ResidualStride; c30 = TSimd.Add(c30, TSimd.Load(residual)); }
            if (TRows.Value > 4) { residual += t->ResidualStride; c40 = TSimd.Add(c40, TSimd.Load(residual)); }
            if (TRows.Value > 5) { residual += t->ResidualStride; c50 = TSimd.Add(c50, TSimd.Load(residual)); }
            if (TRows.Value > 6) { residual += t->ResidualStride; c60 = TSimd.Add(c60, TSimd.Load(residual)); }
            if (TRows.Value > 7) { residual += t->ResidualStride; c70 = TSimd.Add(c70, TSimd.Load(residual)); }
            if (TRows.Value > 8) { residual += t->ResidualStride; c80 = TSimd.Add(c80, TSimd.Load(residual)); }
            if (TRows.Value > 9) { residual += t->ResidualStride; c90 = TSimd.Add(c90, TSimd.Load(residual)); }
            if (TRows.Value > 10) { residual += t->ResidualStride; cA0 = TSimd.Add(cA0, TSimd.Load(residual)); }
            if (TRows.Value > 11) { residual += t->ResidualStride; cB0 = TSimd.Add(cB0, TSimd.Load(residual)); }
        }

        var target = t->C;
        TSimd.Store(target, c00);
        if (TRows.Value > 1) { target += t->CStride; TSimd.Store(target, c10); }
        if (TRows.Value > 2) { target += t->CStride; TSimd.Store(target, c20); }
        if (TRows.Value > 3) { target += t->CStride; TSimd.Store(target, c30); }
        if (TRows.Value > 4) { target += t->CStride; TSimd.Store(target, c40); }
        if (TRows.Value > 5) { target += t->CStride; TSimd.Store(target, c50); }
        if (TRows.Value > 6) { target += t->CStride; TSimd.Store(target, c60); }
        if (TRows.Value > 7) { target += t->CStride; TSimd.Store(target, c70); }
        if (TRows.Value > 8) { target += t->CStride; TSimd.Store(target, c80); }
        if (TRows.Value > 9) { target += t->CStride; TSimd.Store(target, c90); }
        if (TRows.Value > 10) { target += t->CStride; TSimd.Store(target, cA0); }
        if (TRows.Value > 11) { target += t->CStride; TSimd.Store(target, cB0); }
    }
}
