//! The attribute that the verbs of `Users` bear.
//!
//! An attribute and not a function, because a span's name is part of a `static`: it has to stand in the source
//! of each verb. All that can be said without it stands in `rollbook_core`'s `users/observe.rs`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Expr, ExprClosure, ItemFn, Result, ReturnType, parse2};

/// Gives a verb of `Users` its span and counts it.
///
/// Without an argument nothing is known of a user. An expression is the user's id, as the caller gives it; a
/// closure reads it from what the verb yields.
///
/// ```ignore
/// #[verb(id)]
/// pub async fn get(&self, id: &str) -> Result<Stored<User>, Error> { .. }
///
/// #[verb(|user| &user.id)]
/// pub async fn create(&self, new: NewUser) -> Result<Stored<User>, Error> { .. }
/// ```
#[proc_macro_attribute]
pub fn verb(
    user_id: proc_macro::TokenStream,
    function: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    expand(user_id.into(), function.into()).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(user_id: TokenStream, function: TokenStream) -> Result<TokenStream> {
    let ItemFn { attrs, vis, sig, block, .. } = parse2(function)?;
    let ReturnType::Type(_, output) = &sig.output else {
        return Err(Error::new_spanned(sig, "a verb yields a `Result`"));
    };
    if sig.asyncness.is_none() {
        return Err(Error::new_spanned(sig.fn_token, "a verb is an `async fn`"));
    }
    let name = sig.ident.to_string();
    let (mut given, mut learned) = (quote!(::tracing::field::Empty), None);
    if !user_id.is_empty() {
        match parse2(user_id)? {
            Expr::Closure(ExprClosure { inputs, body, .. }) => {
                learned = Some(quote!(if let Ok(#inputs) = &outcome { verb.concerns(#body); }));
            }
            id => given = quote!(crate::users::observe::shown(#id)),
        }
    }
    Ok(quote! {
        #(#attrs)*
        #vis #sig {
            static VERB: crate::users::observe::Verb = crate::users::observe::Verb::new(#name);
            let verb = VERB.start(&self.inner.store_name, ::tracing::info_span!(
                target: "rollbook",
                #name,
                user.id = #given,
                store = self.inner.store_name.as_str(),
                outcome = ::tracing::field::Empty,
            ));
            let outcome = verb.run(async move {
                // Says the type of the block, which `?` has to know.
                if let Some(outcome) = None::<#output> {
                    return outcome;
                }
                #block
            }).await;
            #learned
            verb.finish(&outcome);
            outcome
        }
    })
}
